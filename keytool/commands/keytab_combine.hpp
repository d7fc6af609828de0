#pragma once

#include <functional>

#include "commands/keytab_inputs.hpp"

/// What merge and write have in common: several keytabs in, one out, and an account of every entry.
namespace kerbgate::commands {

struct Combination {
  std::vector<std::string> inputs;
  std::string output;                                ///< "-": standard output
  std::function<bool(const keytab::Entry&)> wanted;  ///< empty: every entry
  keytab::MergeOptions merge;
  keytab::WriteOptions write;
  bool salvage = false;
  bool json = false;
};

/// The values of --prefer (empty: fail) and --mode.
Result<keytab::Prefer> parse_prefer(const std::string& word);
Result<unsigned> parse_mode(const std::string& text);

/// --output, --prefer, --owner, --mode, --salvage and --json.
void add_combination_options(po::options_description& options);
Result<Combination> combination_from(const Values& values);

/// One input and where its entries went.
struct Ledger {
  Input input;               ///< its scan's entries have moved to `Combined::lists`
  std::size_t entries = 0;   ///< that could be read
  std::size_t doubtful = 0;  ///< left out by --salvage
  std::size_t not_selected = 0;
};

struct Combined {
  std::string output;
  std::vector<Ledger> ledgers;
  std::vector<std::vector<keytab::Entry>> lists;  ///< what was merged, one list an input
  keytab::Merged merged;
  bool written = false;
};

/// Reads, merges, writes and reports. Damage without --salvage, a conflict that nothing settles and an empty result are
/// Exit::check_failed, said on standard error, and nothing is written.
Result<Exit> combine(const Combination& combination, Environment& environment);

/// The account: a few lines for people, everything for machines.
void print_report(const Combined& combined, std::ostream& out);
void print_report_json(const Combined& combined, std::ostream& out);

/// "a.keytab byte 91"
std::string place_text(const Combined& combined, keytab::Origin origin);

/// So many of a kind are listed for people; the rest is counted.
inline constexpr std::size_t kListed = 20;

}  // namespace kerbgate::commands
