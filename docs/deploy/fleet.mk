# The fleet's targets and variables, included by Makefile.deploy. docs/fleet.md tells how they are used.

## hosts of the cluster: Ansible's INI inventory
INVENTORY ?= hosts.ini
## name that clients connect to
PROXY ?=
## Kerberos realm; default: default_realm of krb5.conf
REALM ?=
## first part of the principals
SERVICE ?= impala
## folder of the keytabs that the KDC's administrator exported
KEYTABS ?= keytabs
## where the plan of each host is, and what is known of it
OUT ?= plan
# Not from the environment, where USER is whoever runs make.
ifneq ($(filter environment undefined,$(firstword $(origin USER))),)
## whom the daemons run as on the hosts, USER[:GROUP]
USER = $(SERVICE)
endif
## the keytab on a host whose inventory row has no keytab=
KEYTAB_PATH ?= /etc/$(SERVICE)/conf/$(SERVICE).keytab
## folder of the flagfiles on a host, none: keytabs alone; default: the keytab's
FLAGS_PATH ?=
## hosts to do, of the inventory; all when empty
HOSTS ?=
## ssh, clush or ansible
RUNNER ?= ssh
## ssh's options, such as -l admin -i FILE
SSH_OPTS ?=
## what makes the login root on a host, such as sudo -n
BECOME ?=
## what restarts a host's daemon
RESTART_CMD ?= systemctl restart $(SERVICE)
## the runtime sockets of all proxies (level admin): PATH, ADDRESS:PORT, and by ssh HOST:/PATH or ssh://[USER@]HOST[:PORT]/PATH
PROXY_SOCKET ?= /run/kerbgate/admin.sock
## how long rolling-restart waits for a coordinator's sessions to end
DRAIN_TIMEOUT ?= 10m
## 1: restart though sessions are left after that
DRAIN_FORCE ?=
## how long rolling-restart waits for the proxy's check
UP_TIMEOUT ?= 2m
## how rotate-* reach the KDC: --kadmin-keytab FILE, --ccache or --local, and more of keytool rotate's options
ROTATE_OPTS ?=
## 1: say what would be done
DRY_RUN ?=
## 1: take the locks of another run, which is dead; rollback though the KDC issues tickets that the keytabs of before do not open
FORCE ?=
## how old another run's lock on a host is when it counts as dead
LOCK_AGE ?= 12h
## keytool; default: the one built here, else the installed one
KEYTOOL ?= $(firstword $(wildcard build/$(BUILD)/keytool) kerbgate-keytool)

deploy := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
state = $(OUT)/.fleet
fleet = PYTHONPYCACHEPREFIX="$(state)/cache" python3 $(deploy)/fleet.py
makefile_of_user := $(firstword $(MAKEFILE_LIST))

# By the environment, as they are: a command with quotes in it comes through whole. None of them is a secret.
fleet_variables := INVENTORY PROXY REALM SERVICE KEYTABS OUT KEYTAB_PATH FLAGS_PATH HOSTS RUNNER SSH_OPTS BECOME RESTART_CMD \
                   PROXY_SOCKET DRAIN_TIMEOUT DRAIN_FORCE UP_TIMEOUT ROTATE_OPTS DRY_RUN FORCE LOCK_AGE KEYTOOL
fleet_targets := plan merge flags push verify restart rolling-restart status rollback rotate-stage rotate-commit rotate-purge
.PHONY: $(fleet_targets)
$(fleet_targets): export FLEET_USER = $(USER)
$(fleet_targets): export FLEET_TARGET = $@
$(fleet_targets): export FLEET_MAKEFILE = $(makefile_of_user)
$(foreach name,$(fleet_variables),$(eval $(fleet_targets): export FLEET_$(name) = $$($(name))))

# Each host's keytab counts there, whatever HOSTS narrows.
rotate-commit: export FLEET_HOSTS =

# A word a host under OUT/.fleet says what became of it; `report` ends the run with it.
# A recipe that calls make is run by make -n too.
make_n := $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
checked = $(if $(make_n),echo "make -n would not tell: say DRY_RUN=1" >&2; exit 2;) \
          [ -n "$(PROXY)" ] || { echo "PROXY= is missing: the name that clients connect to" >&2; exit 2; }; \
          [ -r "$(INVENTORY)" ] || { echo "INVENTORY=$(INVENTORY) is not there" >&2; exit 2; }
# One run at a time has OUT, as long as the recipe's shell lives, and the hosts that it changes. A target that another one
# calls runs within that one's.
define lock_here
[ -n "$${FLEET_LOCKED:-}" ] || {
  mkdir -p "$(OUT)"
  mkdir -p -m 700 "$(state)"
  exec {lock}>> "$(state)/lock"
  $(fleet) lock-here $@ $$lock
  export FLEET_LOCKED=1
}
endef
# Those that are due, in push; all in the others.
unlock = [ ! -e "$(state)/locked" ] || $(fleet) unlock
define lock_hosts
$(unlock)
trap '$(unlock)' EXIT
$(if $(filter push,$@),[ ! -e "$(state)/due" ] ||) $(fleet) lock $@
endef
principal = $(SERVICE)/$(PROXY)$(if $(REALM),@$(REALM))
plan_options = --inventory "$(INVENTORY)" --proxy "$(PROXY)" --service "$(SERVICE)" --keytab "$(KEYTAB_PATH)" $(if $(REALM),--realm "$(REALM)")
run_plan = $(KEYTOOL) plan $(plan_options) --keytabs "$(KEYTABS)" --out "$(OUT)" $(if $(DRY_RUN),--dry-run)
# The files that plan takes the proxy's keys from: rotate changes them too, or the next plan would undo it.
proxy_keytabs = $(wildcard $(KEYTABS)/$(PROXY).keytab $(KEYTABS)/$(PROXY)/*.keytab $(KEYTABS)/proxy.keytab)
run_rotate = $(KEYTOOL) rotate $(1) --principal "$(principal)" --keytabs "$(OUT)" $(proxy_keytabs) $(ROTATE_OPTS) $(if $(DRY_RUN),--dry-run)

plan merge: ## every host's merged keytab and flagfiles in OUT/HOST/ (merge is the same)
	@$(checked)
	$(lock_here)
	$(run_plan)

flags: ## the flagfiles alone, in OUT/HOST/
	@$(checked)
	$(lock_here)
	$(KEYTOOL) flags $(plan_options) --out "$(OUT)"

push: ## plan, then bring each host what it lacks; a host with nothing new is not touched; -j N: N side by side
	@$(checked)
	$(lock_here)
	planned=0
	$(run_plan) | { grep -v ': unchanged$$' || :; } || planned=$$?
	[ "$$planned" -le 1 ] || exit "$$planned"
	$(fleet) begin push
	$(MAKE) --no-print-directory -f $(deploy)/hosts.mk due
	$(if $(DRY_RUN),,$(lock_hosts))
	pushed=0
	[ ! -e "$(state)/due" ] || $(fleet) push
	$(if $(DRY_RUN),exit "$$planned")
	$(fleet) report push || pushed=$$?
	exit $$(( pushed > planned ? pushed : planned ))

verify: ## what each host has against the plan: content, mode, owner, and keytool verify where it is installed
	@$(checked)
	$(fleet) begin verify
	$(fleet) verify
	$(fleet) report verify

restart: ## RESTART_CMD on every host, side by side with -j N
	@$(checked)
	$(lock_here)
	$(fleet) begin restart
	$(if $(DRY_RUN),,$(lock_hosts))
	$(fleet) restart
	$(fleet) report restart

rolling-restart: ## one coordinator after another: drained at the proxy, restarted, taken back when its check passes
	@$(checked)
	$(lock_here)
	$(fleet) hosts
	$(if $(DRY_RUN),,$(lock_hosts))
	$(fleet) rolling-restart

status: ## one table: keytab, key version, files, service, and what the proxy says of each host
	@$(checked)
	$(fleet) status

rollback: ## each host's keytab and flagfiles of before the last push; the next push brings the plan again
	@$(checked)
	if [ -z "$(FORCE)" ] && [ -e "$(state)/rotating" ]; then
	  echo "rollback: the KDC issues tickets of a new key since rotate-commit, which the keytabs of before may lack: first" >&2
	  echo "rotate-purge, or FORCE=1 if you know that they hold it (keytool rotate status)" >&2
	  exit 1
	fi
	$(lock_here)
	$(fleet) begin rollback
	$(if $(DRY_RUN),,$(lock_hosts))
	$(fleet) rollback
	$(fleet) report rollback

rotate-stage: ## a next key for the proxy's principal, beside the present one on every host; the KDC is not touched
	@$(checked)
	$(lock_here)
	$(call run_rotate,stage)
	$(MAKE) --no-print-directory -f $(makefile_of_user) push

# keytool looks at the keytabs in OUT; whether the hosts have them is looked at here, on the hosts.
rotate-commit: ## the KDC begins to use the new key; refused unless every host has it
	@$(checked)
	$(lock_here)
	$(fleet) begin verify
	$(if $(DRY_RUN),,$(lock_hosts))
	$(fleet) look
	$(fleet) report verify || { echo "rotate-commit: refused: a host without the new key would refuse every login; push first" >&2; exit 1; }
	$(call run_rotate,commit)
	$(if $(DRY_RUN),,touch "$(state)/rotating")

rotate-purge: ## the old key goes, when its tickets have ended, at the KDC and on every host
	@$(checked)
	$(lock_here)
	$(call run_rotate,purge)
	$(if $(DRY_RUN),,rm -f "$(state)/rotating")
	$(MAKE) --no-print-directory -f $(makefile_of_user) push
