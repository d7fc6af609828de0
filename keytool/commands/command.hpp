#pragma once

#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/resolver.hpp"
#include "kerbgate/result.hpp"

/// keytool's command line. A subcommand is one file that defines one Command (declared in rows.hpp, listed in
/// rows.cpp); help, dispatch and exit statuses follow from the rows.
namespace kerbgate::commands {

namespace po = boost::program_options;

enum class Exit {
  ok = 0,
  check_failed = 1,  ///< what was looked at is damaged, in conflict or does not agree
  usage = 2,         ///< the command line, or a value on it, is not right
  failed = 3,        ///< it could not be done: a file, the network, the KDC
};

/// damaged, conflict, dns_mismatch: check_failed. invalid: usage. Everything else: failed.
Exit exit_for(const Error& error);

/// A command line that cannot be done as it is written.
inline Error usage(std::string what) { return {Errc::invalid, std::move(what)}; }

/// What a command may touch besides files.
struct Environment {
  std::istream& in;
  std::ostream& out;  ///< answers only
  std::ostream& err;  ///< what is said about them
  Resolver& resolver;
  bool terminal = false;  ///< `out` is a terminal: progress and prompts are welcome
  bool colour = false;    ///< colours are, too
  /// The descriptor that `out` ends in; -1: none. Keys are written to it past the stream's buffer, which nobody wipes.
  int descriptor = -1;
};

/// What stands on the line besides options.
struct Operands {
  std::string_view word;  ///< "KEYTAB"; empty: there are none
  std::size_t least = 0;
  std::size_t most = 0;  ///< kAny: no limit
  static constexpr std::size_t kAny = static_cast<std::size_t>(-1);
};

using Values = po::variables_map;

/// One subcommand. `options` describes what `--help` shows and what is accepted; `--help` itself is added. Value names
/// (`value_name("FILE")`) are shown in capitals. `run` gets the parsed line; an Error it returns is printed as
/// `keytool: ...` and decides the status.
struct Command {
  std::string_view group;  ///< heading in `keytool --help`
  std::string_view name;
  std::string_view summary;   ///< one line, no capital, no full stop
  std::string_view synopsis;  ///< what follows the name: "KEYTAB... -o OUT [OPTION...]"
  /// Paragraphs with an empty line between them, which `--help` and the manual page fill. A line that begins with a
  /// blank, or with a word and two blanks ("word  text"), begins anew. No newline at the end.
  std::string_view description;
  std::string_view examples;  ///< command lines that are accepted, without leading blanks, no newline at the end
  Operands operands;
  po::options_description (*options)();
  Result<Exit> (*run)(const Values&, Environment&);
};

using Table = std::span<const Command* const>;

/// The operands of the line, in order.
std::vector<std::string> operands(const Values& values);
/// The values of a repeatable option (a vector of strings), or none.
std::vector<std::string> repeated(const Values& values, const char* option);
/// The value of a string option; empty when it was not given.
std::string text(const Values& values, const char* option);

/// Flushes `out`; Errc::io with the system's reason when what was written has not all arrived.
Result<void> flush_output(Environment& environment);

/// Does what `arguments` (without the program's name) say. Never throws on anything a person can type. `out` is flushed
/// and a failure to write to it (a full disk) is Exit::failed.
Exit dispatch(std::span<const std::string> arguments, Table table, Environment& environment);

/// `keytool: what` on `err`, control characters as \xHH: what a file holds must not reach the terminal.
void complain(Environment& environment, std::string_view what);

}  // namespace kerbgate::commands
