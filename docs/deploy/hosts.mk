# Which hosts are due, by make's own rules: those whose row, keytab or flagfiles are younger than their stamp, into OUT/.fleet/due. Run by
# fleet.mk, which gives FLEET_*. No shell is started for a host: of 10,000 hosts that is felt.
state := $(FLEET_OUT)/.fleet
hosts := $(file < $(state)/hosts-of-$(FLEET_TARGET))

.PHONY: due
.SECONDEXPANSION:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

due: $(hosts:%=$(state)/%.pushed) ; @:

$(hosts:%=$(state)/%.pushed): $(state)/%.pushed: $(state)/%.row $$(wildcard $(FLEET_OUT)/$$*/*)
	$(file >> $(state)/due,$*)
