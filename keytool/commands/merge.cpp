#include "commands/keytab_combine.hpp"
#include "commands/rows.hpp"

namespace kerbgate::commands {
namespace {

po::options_description options() {
  po::options_description all;
  add_combination_options(all);
  all.add_options()("newest-kvno-only", po::bool_switch(), "keep only the newest key version of each principal");
  return all;
}

Result<Exit> run(const Values& values, Environment& environment) {
  auto combination = combination_from(values);
  if (!combination) return std::move(combination).error();
  combination->merge.newest_kvno_only = values["newest-kvno-only"].as<bool>();
  return combine(*combination, environment);
}

}  // namespace

const Command kMerge{
    "Keytabs",
    "merge",
    "several keytabs as one, without duplicates",
    "KEYTAB... -o OUT [OPTION...]",
    "Keeps every field of every entry (timestamps, name types, 32-bit kvnos), drops exact duplicates, and\n"
    "refuses one principal, kvno and enctype with two different keys unless --prefer says which stays. OUT is\n"
    "read back through libkrb5 before it takes the place of what was there; on any failure nothing changes.\n"
    "Nothing is merged from a damaged keytab unless --salvage.",
    "keytool merge host1.keytab lb.keytab -o /etc/impala.keytab --owner impala:impala --mode 0400\n"
    "keytool merge old.keytab new.keytab -o new.keytab --newest-kvno-only --json",
    {"KEYTAB", 1, Operands::kAny},
    options,
    run,
};

}  // namespace kerbgate::commands
