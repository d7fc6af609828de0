#include <algorithm>
#include <ostream>
#include <unordered_map>

#include "commands/keytab_inputs.hpp"
#include "commands/keytab_text.hpp"
#include "commands/output.hpp"
#include "commands/rows.hpp"
#include "counted.hpp"

namespace kerbgate::commands {
namespace {

po::options_description options() {
  po::options_description all;
  all.add_options()("json", po::bool_switch(), "print JSON");
  return all;
}

/// The entries of one principal and kvno.
struct Group {
  std::string principal;
  std::uint32_t kvno;
  std::vector<std::int32_t> enctypes;
};

std::vector<Group> groups_of(const keytab::Scan& scan) {
  std::vector<Group> out;
  std::unordered_map<std::string, std::size_t> place;
  place.reserve(scan.entries.size());
  for (const keytab::Entry& entry : scan.entries) {
    std::string principal = entry.principal.printable();
    const auto [row, fresh] = place.try_emplace(principal + ' ' + std::to_string(entry.kvno), out.size());
    if (fresh) out.push_back({std::move(principal), entry.kvno, {}});
    auto& enctypes = out[row->second].enctypes;
    if (std::ranges::find(enctypes, entry.enctype) == enctypes.end()) enctypes.push_back(entry.enctype);
  }
  return out;
}

/// Two entries of one file, in the order in which libkrb5 meets them.
struct Pair {
  const keytab::Entry& first;
  const keytab::Entry& second;
};

/// What one file holds and what is wrong with it.
struct Verdict {
  const Input& input;
  std::vector<Group> groups;
  std::vector<Pair> conflicts;   ///< one slot, two keys
  std::vector<Pair> duplicates;  ///< the same key again
  std::size_t weak = 0;          ///< entries

  [[nodiscard]] std::size_t problems() const { return input.scan.damage.size() + conflicts.size(); }
};

Verdict judge(Input& input) {
  Verdict out{input, groups_of(input.scan), {}, {}, 0};
  const auto& entries = input.scan.entries;
  const keytab::Merged merged = keytab::merge({&entries, 1}, {.account_only = true});
  for (const keytab::Clash& clash : merged.clashes) {
    out.conflicts.push_back({entries[clash.first_entry], entries[clash.second_entry]});
  }
  for (const auto& dropped : merged.dropped) {
    out.duplicates.push_back({entries[dropped.winner.entry], entries[dropped.entry.entry]});
  }
  const auto is_weak = [](const keytab::Entry& entry) { return keytab::enctype_is_weak(entry.enctype); };
  out.weak = static_cast<std::size_t>(std::ranges::count_if(entries, is_weak));
  return out;
}

std::string names_of(const std::vector<std::int32_t>& enctypes) {
  std::string out;
  for (const std::int32_t enctype : enctypes) {
    out += (out.empty() ? "" : ", ") + keytab::enctype_name(enctype);
    if (keytab::enctype_is_weak(enctype)) out += " (weak)";
  }
  return out;
}

void print_groups(const std::vector<Group>& groups, std::ostream& out) {
  if (groups.empty()) return;
  TextTable table({{"kvno", TextTable::Align::right}, {"principal"}, {"enctypes"}});
  for (const Group& group : groups) {
    table.add({std::to_string(group.kvno), group.principal, names_of(group.enctypes)});
  }
  table.print(out);
}

std::string conclusion(const Verdict& verdict, const Environment& environment) {
  const std::size_t problems = verdict.problems();
  if (problems > 0) return painted(environment, Paint::red, counted(problems, "problem"));
  if (verdict.groups.empty()) return painted(environment, Paint::yellow, "empty: a keytab without a key");
  return painted(environment, Paint::green, "sound");
}

void print_text(const Verdict& verdict, Environment& environment) {
  std::ostream& out = environment.out;
  const keytab::Scan& scan = verdict.input.scan;
  const std::string name = shown_name(verdict.input);
  out << painted(environment, Paint::bold, name) << ": " << counted(scan.entries.size(), "entry", "entries")
      << ", format " << format_text(scan) << ", " << counted(scan.size, "byte");
  if (scan.holes > 0) out << ", " << counted(scan.holes, "hole");
  out << '\n';
  print_groups(verdict.groups, out);
  for (const keytab::Damage& damage : scan.damage) out << name << ": " << damage_text(damage) << '\n';
  if (!scan.damage.empty()) out << name << ": " << damage_remedy(verdict.input.name) << '\n';
  for (const Pair& pair : verdict.conflicts) {
    out << name << ": conflict at byte " << pair.second.offset << ": " << slot_text(pair.second)
        << " has another key at byte " << pair.first.offset << "; libkrb5 uses the first\n";
  }
  for (const Pair& pair : verdict.duplicates) {
    out << name << ": note: the entry at byte " << pair.second.offset << " is that at byte " << pair.first.offset
        << " again; merge drops it\n";
  }
  if (verdict.weak > 0) out << name << ": note: weak enctypes in " << counted(verdict.weak, "entry", "entries") << '\n';
  out << name << ": " << conclusion(verdict, environment) << '\n';
}

boost::json::array pairs_json(const std::vector<Pair>& pairs) {
  boost::json::array out;
  for (const Pair& pair : pairs) {
    auto item = slot_json(pair.second);
    item["offset"] = pair.second.offset;
    item["first_offset"] = pair.first.offset;
    out.push_back(std::move(item));
  }
  return out;
}

boost::json::object to_json(const Verdict& verdict) {
  const keytab::Scan& scan = verdict.input.scan;
  boost::json::array principals;
  for (const Group& group : verdict.groups) {
    boost::json::array enctypes;
    for (const std::int32_t enctype : group.enctypes) enctypes.emplace_back(keytab::enctype_name(enctype));
    principals.push_back(
        boost::json::object{{"principal", group.principal}, {"kvno", group.kvno}, {"enctypes", std::move(enctypes)}});
  }
  return {{"file", verdict.input.name},
          {"sound", verdict.problems() == 0},
          {"format", format_text(scan)},
          {"size", scan.size},
          {"entries", scan.entries.size()},
          {"holes", scan.holes},
          {"weak", verdict.weak},
          {"principals", std::move(principals)},
          {"damage", damage_json(scan.damage)},
          {"conflicts", pairs_json(verdict.conflicts)},
          {"duplicates", pairs_json(verdict.duplicates)}};
}

Result<Exit> run(const Values& values, Environment& environment) {
  auto inputs = read_inputs(operands(values));
  if (!inputs) return inputs.error();
  const bool json = values["json"].as<bool>();
  boost::json::array files;
  Exit status = Exit::ok;
  bool first = true;
  for (Input& input : *inputs) {
    if (input.error) {
      complain(environment, input.error->what);
      status = worse(status, status_of(*input.error));
      if (json) {
        files.push_back(boost::json::object{{"file", input.name}, {"sound", false}, {"error", input.error->what}});
      }
      continue;
    }
    const Verdict verdict = judge(input);
    if (verdict.problems() > 0) status = worse(status, Exit::check_failed);
    if (json) {
      files.push_back(to_json(verdict));
    } else {
      if (!std::exchange(first, false)) environment.out << '\n';
      print_text(verdict, environment);
    }
  }
  if (json) print_json(environment.out, boost::json::object{{"files", std::move(files)}});
  return status;
}

}  // namespace

const Command kRead{
    "Keytabs",
    "read",
    "a strict check of keytabs: what they hold, and all that is wrong with it",
    "KEYTAB... [OPTION...]",
    "Reads every byte, holds the result against libkrb5's own reader, and names each problem by its byte\n"
    "offset: cut or wrong lengths, empty names, keys of the wrong length, a file of another machine's byte\n"
    "order, one principal, kvno and enctype with two different keys. Exit status 0 only when all are sound.",
    "keytool read /etc/impala.keytab\n"
    "ssh host1 cat /etc/impala.keytab | keytool read -",
    {"KEYTAB", 1, Operands::kAny},
    options,
    run,
};

}  // namespace kerbgate::commands
