#include <ostream>

#include "commands/keytab_inputs.hpp"
#include "commands/keytab_selection.hpp"
#include "commands/keytab_text.hpp"
#include "commands/output.hpp"
#include "commands/rows.hpp"
#include "counted.hpp"

namespace kerbgate::commands {
namespace {

po::options_description options() {
  po::options_description all;
  Selection::add_options(all);
  auto add = all.add_options();
  add("keys,K", po::bool_switch(), "print the keys, in hexadecimal");
  add("json", po::bool_switch(), "print JSON");
  add(",k", po::bool_switch(), "as klist's: accepted, a keytab is what is listed");
  add(",t", po::bool_switch(), "as klist's: accepted, times are always shown");
  add(",e", po::bool_switch(), "as klist's: accepted, enctypes are always shown");
  return all;
}

boost::json::object entry_json(const keytab::Entry& entry, std::size_t slot, bool keys) {
  boost::json::object out{{"slot", slot}};
  for (auto& member : slot_json(entry)) out.insert(member);
  out["weak"] = keytab::enctype_is_weak(entry.enctype);
  out["timestamp"] = iso_time(entry.timestamp);
  out["name_type"] = entry.principal.name_type;
  out["offset"] = entry.offset;
  if (keys) out["key"] = hex(entry.key.bytes());
  return out;
}

boost::json::object file_json(const Input& input, const Selection& selection, bool keys) {
  if (input.error) return {{"file", input.name}, {"error", input.error->what}};
  boost::json::array entries;
  for (std::size_t i = 0; i < input.scan.entries.size(); ++i) {
    const keytab::Entry& entry = input.scan.entries[i];
    if (selection.matches(entry)) entries.push_back(entry_json(entry, i + 1, keys));
  }
  return {{"file", input.name},
          {"format", format_text(input.scan)},
          {"size", input.scan.size},
          {"entries", std::move(entries)},
          {"damage", damage_json(input.scan.damage)}};
}

void print_table(const Input& input, const Selection& selection, bool keys, Environment& environment) {
  using Align = TextTable::Align;
  std::vector<TextTable::Column> columns{
      {"slot", Align::right}, {"kvno", Align::right}, {"timestamp"}, {"principal"}, {"enctype"}};
  if (keys) columns.push_back({"key"});
  TextTable table(columns);
  for (std::size_t i = 0; i < input.scan.entries.size(); ++i) {
    const keytab::Entry& entry = input.scan.entries[i];
    if (!selection.matches(entry)) continue;
    const char* weak = keytab::enctype_is_weak(entry.enctype) ? " (weak)" : "";
    std::vector<std::string> cells{std::to_string(i + 1), std::to_string(entry.kvno), iso_time(entry.timestamp),
                                   entry.principal.printable(), keytab::enctype_name(entry.enctype) + weak};
    if (keys) cells.push_back(hex(entry.key.bytes()));
    table.add(std::move(cells));
  }
  table.print(environment.out);
  if (table.empty() && !input.scan.entries.empty()) {
    complain(environment,
             shown_name(input) + ": no entry matches, of " + counted(input.scan.entries.size(), "entry", "entries"));
  }
}

void print_text(const std::vector<Input>& inputs, const Selection& selection, bool keys, Environment& environment) {
  bool first = true;
  for (const Input& input : inputs) {
    if (input.error) continue;
    if (inputs.size() > 1) environment.out << (first ? "" : "\n") << shown_name(input) << ":\n";
    first = false;
    print_table(input, selection, keys, environment);
  }
}

Exit report_problems(const std::vector<Input>& inputs, Environment& environment) {
  Exit status = Exit::ok;
  for (const Input& input : inputs) {
    if (input.error) {
      complain(environment, input.error->what);
      status = worse(status, status_of(*input.error));
    }
    for (const keytab::Damage& damage : input.scan.damage) {
      complain(environment, shown_name(input) + ": " + damage_text(damage));
      status = worse(status, Exit::check_failed);
    }
    if (!input.scan.damage.empty()) complain(environment, shown_name(input) + ": " + damage_remedy(input.name));
  }
  return status;
}

Result<Exit> run(const Values& values, Environment& environment) {
  const auto selection = Selection::from(values);
  if (!selection) return selection.error();
  const auto inputs = read_inputs(operands(values));
  if (!inputs) return inputs.error();
  const bool keys = values["keys"].as<bool>();
  if (values["json"].as<bool>()) {
    boost::json::array files;
    for (const Input& input : *inputs) files.push_back(file_json(input, *selection, keys));
    print_json(environment.out, boost::json::object{{"files", std::move(files)}});
  } else {
    print_text(*inputs, *selection, keys, environment);
  }
  return report_problems(*inputs, environment);
}

}  // namespace

const Command kList{
    "Keytabs",
    "list",
    "the entries of keytabs, as a table",
    "KEYTAB... [OPTION...]",
    "Prints slot, kvno, timestamp (UTC), principal and enctype of every entry that can be read. - is standard\n"
    "input. Control and high bytes of a principal are printed as \\xHH. Exit status 1 when a file is damaged:\n"
    "what is wrong with it is said on standard error, the entries that can be trusted are listed.",
    "keytool list /etc/impala.keytab\n"
    "keytool list -kte /etc/impala.keytab\n"
    "keytool list --principal 'impala/*' --enctype aes256-cts --json a.keytab b.keytab",
    {"KEYTAB", 1, Operands::kAny},
    options,
    run,
};

}  // namespace kerbgate::commands
