#include "commands/keytab_combine.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <ostream>
#include <set>

#include "commands/keytab_text.hpp"
#include "counted.hpp"
#include "kerbgate/quoted.hpp"
#include "keytab/file.hpp"

namespace kerbgate::commands {
namespace {

void warn(Environment& environment, const std::string& what) { complain(environment, "warning: " + what); }

/// What was wrong with the inputs, and whether merging may go on.
Exit check_inputs(const Combined& combined, bool salvage, Environment& environment) {
  Exit status = Exit::ok;
  bool damaged = false;
  for (const Ledger& ledger : combined.ledgers) {
    if (ledger.input.error) {
      complain(environment, ledger.input.error->what);
      status = worse(status, status_of(*ledger.input.error));
    }
    for (const keytab::Damage& damage : ledger.input.scan.damage) {
      const std::string left_out = salvage && !damage.fatal ? "; left out" : "";
      complain(environment, shown_name(ledger.input) + ": " + damage_text(damage) + left_out);
      damaged = true;
    }
  }
  if (!damaged || salvage) return status;
  complain(environment,
           "nothing was written: a damaged keytab is not merged; --salvage keeps the entries that can be "
           "trusted");
  return worse(status, Exit::check_failed);
}

/// Moves the entries that are to be merged out of the inputs.
void take_entries(Combined& combined, const Combination& combination) {
  for (Ledger& ledger : combined.ledgers) {
    auto& entries = ledger.input.scan.entries;
    ledger.entries = entries.size();
    std::set<std::uint64_t> doubtful;
    for (const keytab::Damage& damage : ledger.input.scan.damage) {
      if (!damage.fatal) doubtful.insert(damage.offset);
    }
    ledger.doubtful = std::erase_if(entries, [&](const auto& entry) { return doubtful.contains(entry.offset); });
    if (combination.wanted) {
      ledger.not_selected = std::erase_if(entries, [&](const auto& entry) { return !combination.wanted(entry); });
    }
    combined.lists.push_back(std::move(entries));
  }
}

Exit refuse_conflicts(const Combined& combined, Environment& environment) {
  const auto& clashes = combined.merged.clashes;
  for (const keytab::Clash& clash : std::span(clashes).first(std::min(clashes.size(), kListed))) {
    const keytab::Entry& entry = combined.lists[clash.first_input][clash.first_entry];
    complain(environment, "conflict: " + slot_text(entry) + ": " +
                              place_text(combined, {clash.first_input, clash.first_entry}) + " and " +
                              place_text(combined, {clash.second_input, clash.second_entry}) +
                              " hold different keys; say with --prefer first or --prefer last which stays");
  }
  if (clashes.size() > kListed) complain(environment, std::to_string(clashes.size() - kListed) + " more conflicts");
  complain(environment, "nothing was written");
  return Exit::check_failed;
}

std::filesystem::path place_of(const std::string& keytab) {
  std::error_code unresolved;
  const std::size_t prefix = keytab.starts_with("FILE:") ? 5 : keytab.starts_with("WRFILE:") ? 7 : 0;
  return std::filesystem::weakly_canonical(keytab.substr(prefix), unresolved);
}

/// An input that is also the output must still be as it was read, or a key that was added meanwhile would be lost.
keytab::WriteOptions write_options(const Combined& combined, const Combination& combination) {
  keytab::WriteOptions options = combination.write;
  for (const Ledger& ledger : combined.ledgers) {
    const bool is_file = ledger.input.scan.state.has_value();
    if (is_file && place_of(ledger.input.name) == place_of(combination.output)) {
      options.unchanged_since = ledger.input.scan.state;
    }
  }
  return options;
}

Result<void> write_keys(std::span<const std::uint8_t> bytes, Environment& environment) {
  if (auto flushed = flush_output(environment); !flushed) return flushed;
  if (environment.descriptor >= 0) return keytab::write_all(environment.descriptor, bytes, "write standard output");
  errno = 0;
  environment.out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return flush_output(environment);
}

Result<void> write_result(const Combined& combined, const Combination& combination, Environment& environment) {
  if (combination.output != "-") {
    return keytab::write_file(combination.output, combined.merged.entries, write_options(combined, combination));
  }
  if (environment.terminal) return Error(Errc::invalid, "standard output is a terminal: keys are not written there");
  const auto bytes = keytab::encode(combined.merged.entries);
  if (!bytes) return bytes.error();
  return write_keys(bytes->bytes(), environment);
}

void warn_of_weak_keys(const Combined& combined, Environment& environment) {
  std::set<std::string> names;
  std::size_t entries = 0;
  for (const keytab::Entry& entry : combined.merged.entries) {
    if (!keytab::enctype_is_weak(entry.enctype)) continue;
    ++entries;
    names.insert(keytab::enctype_name(entry.enctype));
  }
  if (entries == 0) return;
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  warn(environment, counted(entries, "entry", "entries") + " of weak enctypes: " + list +
                        "; keytool write --remove --enctype drops them");
}

void warn_of_open_mode(const std::string& path, Environment& environment) {
  struct stat status {};
  if (path == "-" || ::stat(place_of(path).c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0) return;
  warn(environment, path + " can be read by every user of this host; --mode 0400 or 0600 closes it");
}

/// Reads and merges into `combined`, and writes.
Result<Exit> carry_out(Combined& combined, const Combination& combination, Environment& environment) {
  const Exit checked = check_inputs(combined, combination.salvage, environment);
  if (checked != Exit::ok) return checked;
  take_entries(combined, combination);
  combined.merged = keytab::merge(combined.lists, combination.merge);
  if (combined.merged.refused) return refuse_conflicts(combined, environment);
  if (combined.merged.entries.empty()) {
    complain(environment, combination.wanted ? "nothing was written: no entry is left by these options"
                                             : "nothing was written: the keytabs hold no entry");
    return Exit::check_failed;
  }
  auto written = write_result(combined, combination, environment);
  if (!written) return std::move(written).error();
  combined.written = true;
  warn_of_weak_keys(combined, environment);
  warn_of_open_mode(combination.output, environment);
  return Exit::ok;
}

}  // namespace

Result<keytab::Prefer> parse_prefer(const std::string& word) {
  if (word.empty() || word == "fail") return keytab::Prefer::fail;
  if (word == "first") return keytab::Prefer::first;
  if (word == "last") return keytab::Prefer::last;
  return Error(Errc::invalid, "--prefer " + kerbgate::quoted(word) + ": write first, last or fail");
}

Result<unsigned> parse_mode(const std::string& text) {
  unsigned mode = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  const bool octal = problem == std::errc() && end == text.data() + text.size() && mode <= 0777;
  if (octal && (mode & 0444) == 0) {
    return Error(Errc::invalid,
                 "--mode " + kerbgate::quoted(text) + " lets nobody read the keytab; 0400 is its owner alone");
  }
  if (octal) return mode;
  return Error(Errc::invalid, "--mode " + kerbgate::quoted(text) + ": write an octal number such as 0400");
}

void add_combination_options(po::options_description& options) {
  auto add = options.add_options();
  add("output,o", po::value<std::string>()->required()->value_name("OUT"),
      "the keytab to write, replaced as one act; may be one of the inputs; - is standard output");
  add("prefer", po::value<std::string>()->value_name("first|last|fail"),
      "which key stays when one principal, kvno and enctype has two; default: fail");
  add("owner", po::value<std::string>()->value_name("USER[:GROUP]"),
      "whose OUT shall be; default: as the file it replaces");
  add("mode", po::value<std::string>()->value_name("MODE"),
      "OUT's mode, such as 0400; default: as the file it replaces, else 0600");
  add("salvage", po::bool_switch(), "keep what can be trusted of damaged keytabs, and say what is lost");
  add("json", po::bool_switch(), "print the report as JSON");
}

Result<Combination> combination_from(const Values& values) {
  Combination out;
  out.inputs = operands(values);
  out.output = text(values, "output");
  const auto prefer = parse_prefer(text(values, "prefer"));
  if (!prefer) return prefer.error();
  out.merge.prefer = *prefer;
  if (values.count("owner") > 0) out.write.owner = text(values, "owner");
  if (values.count("mode") > 0) {
    const auto mode = parse_mode(text(values, "mode"));
    if (!mode) return mode.error();
    out.write.mode = *mode;
  }
  out.salvage = values["salvage"].as<bool>();
  out.json = values["json"].as<bool>();
  if (out.output == "-" && (out.write.owner || out.write.mode)) {
    return Error(Errc::invalid, "--owner and --mode need a file; standard output has none");
  }
  return out;
}

Result<Exit> combine(const Combination& combination, Environment& environment) {
  auto inputs = read_inputs(combination.inputs);
  if (!inputs) return inputs.error();
  Combined combined;
  combined.output = combination.output;
  for (Input& input : *inputs) combined.ledgers.push_back({std::move(input)});
  auto status = carry_out(combined, combination, environment);
  // The report must not stand between the keytab's bytes.
  std::ostream& talk = combination.output == "-" ? environment.err : environment.out;
  if (combination.json) {
    print_report_json(combined, talk);
  } else if (combined.written) {
    print_report(combined, talk);
  }
  return status;
}

std::string place_text(const Combined& combined, keytab::Origin origin) {
  return shown_name(combined.ledgers[origin.input].input) + " byte " +
         std::to_string(combined.lists[origin.input][origin.entry].offset);
}

}  // namespace kerbgate::commands
