#include <algorithm>
#include <ostream>

#include "commands/keytab_combine.hpp"
#include "commands/keytab_text.hpp"
#include "commands/output.hpp"
#include "counted.hpp"

namespace kerbgate::commands {
namespace {

using Why = keytab::Merged::Why;

const char* word(Why why) {
  switch (why) {
    case Why::duplicate:
      return "duplicate";
    case Why::older:
      return "older";
    case Why::conflict:
      return "conflict";
  }
  return "";
}

/// How many entries each input lost, and why.
struct Losses {
  std::size_t duplicates = 0, older = 0, conflicts = 0;
  [[nodiscard]] std::size_t sum() const { return duplicates + older + conflicts; }
};

std::vector<Losses> losses_of(const Combined& combined) {
  std::vector<Losses> out(combined.ledgers.size());
  for (const auto& dropped : combined.merged.dropped) {
    Losses& losses = out[dropped.entry.input];
    if (dropped.why == Why::duplicate) ++losses.duplicates;
    if (dropped.why == Why::older) ++losses.older;
    if (dropped.why == Why::conflict) ++losses.conflicts;
  }
  return out;
}

std::size_t unreadable(const Ledger& ledger) {
  std::size_t sum = 0;
  for (const keytab::Damage& damage : ledger.input.scan.damage) sum += damage.entries_lost;
  return sum;
}

std::size_t kept_of(const Combined& combined, std::size_t input) {
  return static_cast<std::size_t>(std::ranges::count(combined.merged.origins, input, &keytab::Origin::input));
}

void print_input(const Combined& combined, std::size_t index, const Losses& losses, std::ostream& out) {
  const Ledger& ledger = combined.ledgers[index];
  out << "  " << shown_name(ledger.input) << ": " << counted(ledger.entries, "entry", "entries") << ", "
      << kept_of(combined, index) << " kept";
  const auto part = [&out](std::size_t n, const char* what) {
    if (n > 0) out << ", " << n << ' ' << what;
  };
  part(losses.duplicates, "dropped as duplicate");
  part(losses.older, "dropped as older kvno");
  part(losses.conflicts, "dropped in a conflict");
  part(ledger.not_selected, "not selected");
  part(ledger.doubtful, "left out as doubtful");
  part(unreadable(ledger), "unreadable");
  out << '\n';
}

void print_dropped(const Combined& combined, std::ostream& out) {
  const auto& dropped = combined.merged.dropped;
  for (const auto& one : std::span(dropped).first(std::min(dropped.size(), kListed))) {
    const keytab::Entry& entry = combined.lists[one.entry.input][one.entry.entry];
    out << "  dropped " << slot_text(entry) << " (" << place_text(combined, one.entry) << "): ";
    if (one.why == Why::older) out << "not the newest kvno\n";
    if (one.why == Why::duplicate) out << "the same as " << place_text(combined, one.winner) << '\n';
    if (one.why == Why::conflict) out << "another key stays, " << place_text(combined, one.winner) << '\n';
  }
  if (dropped.size() > kListed) out << "  ... and " << dropped.size() - kListed << " more; --json lists them all\n";
}

boost::json::object place_json(const Combined& combined, keytab::Origin origin) {
  return {{"file", combined.ledgers[origin.input].input.name},
          {"offset", combined.lists[origin.input][origin.entry].offset}};
}

boost::json::object input_json(const Combined& combined, std::size_t index, const Losses& losses) {
  const Ledger& ledger = combined.ledgers[index];
  if (ledger.input.error) return {{"file", ledger.input.name}, {"error", ledger.input.error->what}};
  return {{"file", ledger.input.name},
          {"format", format_text(ledger.input.scan)},
          {"entries", std::max(ledger.entries, ledger.input.scan.entries.size())},
          {"kept", kept_of(combined, index)},
          {"duplicates", losses.duplicates},
          {"older", losses.older},
          {"conflicts", losses.conflicts},
          {"not_selected", ledger.not_selected},
          {"doubtful", ledger.doubtful},
          {"unreadable", unreadable(ledger)},
          {"damage", damage_json(ledger.input.scan.damage)}};
}

boost::json::array clashes_json(const Combined& combined) {
  boost::json::array out;
  for (const keytab::Clash& clash : combined.merged.clashes) {
    auto item = slot_json(combined.lists[clash.first_input][clash.first_entry]);
    item["first"] = place_json(combined, {clash.first_input, clash.first_entry});
    item["second"] = place_json(combined, {clash.second_input, clash.second_entry});
    out.push_back(std::move(item));
  }
  return out;
}

boost::json::array dropped_json(const Combined& combined) {
  boost::json::array out;
  for (const auto& dropped : combined.merged.dropped) {
    auto item = slot_json(combined.lists[dropped.entry.input][dropped.entry.entry]);
    item["from"] = place_json(combined, dropped.entry);
    item["reason"] = word(dropped.why);
    if (dropped.why != Why::older) item["kept"] = place_json(combined, dropped.winner);
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace

void print_report(const Combined& combined, std::ostream& out) {
  const std::string output = combined.output == "-" ? "standard output" : combined.output;
  out << output << ": " << counted(combined.merged.entries.size(), "entry", "entries") << " written\n";
  const auto losses = losses_of(combined);
  for (std::size_t i = 0; i < combined.ledgers.size(); ++i) print_input(combined, i, losses[i], out);
  print_dropped(combined, out);
}

void print_report_json(const Combined& combined, std::ostream& out) {
  const auto losses = losses_of(combined);
  boost::json::array inputs, weak;
  for (std::size_t i = 0; i < combined.ledgers.size(); ++i) inputs.push_back(input_json(combined, i, losses[i]));
  for (const keytab::Entry& entry : combined.merged.entries) {
    if (keytab::enctype_is_weak(entry.enctype)) weak.push_back(slot_json(entry));
  }
  print_json(out, boost::json::object{{"output", combined.output},
                                      {"written", combined.written},
                                      {"entries", combined.merged.entries.size()},
                                      {"inputs", std::move(inputs)},
                                      {"conflicts", clashes_json(combined)},
                                      {"dropped", dropped_json(combined)},
                                      {"weak", std::move(weak)}});
}

}  // namespace kerbgate::commands
