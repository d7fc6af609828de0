# What is done for each host, by make's own rules: a host whose row, keytab and flagfiles are older than its stamp is not
# touched. Run by fleet.mk, which gives FLEET_*. A host's failure is written down, not an error: the others go on.
state := $(FLEET_OUT)/.fleet
hosts := $(file < $(state)/hosts)
fleet := PYTHONPYCACHEPREFIX="$(state)/cache" python3 $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))/fleet.py

.PHONY: push verify look restart rollback status
.SECONDEXPANSION:
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

push: $(hosts:%=$(state)/%.pushed) ; @:
verify look restart rollback status: %: $$(addprefix $$*-at-,$(hosts)) ; @:

$(hosts:%=$(state)/%.pushed): $(state)/%.pushed: $(state)/%.row $$(wildcard $(FLEET_OUT)/$$*/*)
	@$(if $(filter ansible-,$(FLEET_RUNNER)-$(FLEET_DRY_RUN)),echo $* >> $(state)/pending,$(fleet) push $*)

verify-at-% look-at-% restart-at-% rollback-at-%:
	@$(fleet) $(subst -at-$*,,$@) $*
status-at-%:
	@$(fleet) status-of $*
