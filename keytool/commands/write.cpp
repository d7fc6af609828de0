#include "commands/keytab_combine.hpp"
#include "commands/keytab_selection.hpp"
#include "commands/rows.hpp"

namespace kerbgate::commands {
namespace {

po::options_description options() {
  po::options_description all;
  Selection::add_options(all);
  all.add_options()("remove", po::bool_switch(), "write what these options do not match");
  add_combination_options(all);
  return all;
}

Result<Exit> run(const Values& values, Environment& environment) {
  auto combination = combination_from(values);
  if (!combination) return std::move(combination).error();
  const auto selection = Selection::from(values);
  if (!selection) return selection.error();
  const bool remove = values["remove"].as<bool>();
  if (remove && selection->empty()) {
    return Error(Errc::invalid, "--remove needs --principal, --enctype or --kvno to say what goes");
  }
  if (!selection->empty()) {
    combination->wanted = [&selection, remove](const keytab::Entry& entry) {
      return selection->matches(entry) != remove;
    };
  }
  return combine(*combination, environment);
}

}  // namespace

const Command kWrite{
    "Keytabs",
    "write",
    "a part of keytabs as a keytab",
    "KEYTAB... -o OUT [--principal GLOB] [--enctype E] [--kvno N] [--remove] [OPTION...]",
    "Writes the entries that match all of --principal, --enctype and --kvno, or with --remove the others. No\n"
    "name and no key is changed. Exact duplicates are dropped and OUT is replaced as merge does it; when no\n"
    "entry is left nothing is written. Without a selection it writes a keytab anew: 0x0501 becomes 0x0502.",
    "keytool write all.keytab -o lb.keytab --principal 'impala/lb.example.com@*'\n"
    "keytool write impala.keytab -o impala.keytab --remove --enctype arcfour-hmac",
    {"KEYTAB", 1, Operands::kAny},
    options,
    run,
};

}  // namespace kerbgate::commands
