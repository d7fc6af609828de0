#include "commands/command.hpp"

#include <algorithm>
#include <cerrno>
#include <ostream>

#include "commands/help.hpp"
#include "commands/parse.hpp"
#include "kerbgate/nearest.hpp"
#include "kerbgate/quoted.hpp"
#include "kerbgate/secret.hpp"

namespace kerbgate::commands {
namespace {

void complain_usage(Environment& environment, std::string_view what, const std::string& help) {
  complain(environment, what);
  environment.err << "Try '" << help << "'.\n";
}

Exit run_command(const Command& command, std::span<const std::string> arguments, Environment& environment) {
  const auto values = parse_line(command, arguments);
  if (!values) {
    complain_usage(environment, values.error().what, "keytool " + std::string(command.name) + " --help");
    return Exit::usage;
  }
  if (values->count("help") > 0) {
    print_command_help(environment.out, command);
    return Exit::ok;
  }
  const auto done = command.run(*values, environment);
  wipe_dead_stack();
  if (done) return *done;
  complain(environment, done.error().what);
  return exit_for(done.error());
}

Exit unknown_command(const std::string& word, Table table, Environment& environment) {
  std::vector<std::string_view> names{"help"};
  for (const Command* command : table) names.push_back(command->name);
  const char* kind = word.starts_with('-') ? "unknown option " : "unknown command ";
  complain_usage(environment, kind + quoted(word) + did_you_mean(word, names), "keytool --help");
  return Exit::usage;
}

Exit choose(std::span<const std::string> arguments, Table table, Environment& environment) {
  if (arguments.empty()) {
    print_usage(environment.err, table);
    return Exit::usage;
  }
  const std::string& word = arguments[0];
  const bool asks_help = word == "help" || word == "--help" || word == "-h";
  if (word == "--version" || word == "-V") {
    print_version(environment.out);
    return Exit::ok;
  }
  if (asks_help && arguments.size() == 1) {
    print_help(environment.out, table);
    return Exit::ok;
  }
  const std::string& name = asks_help ? arguments[1] : word;
  const auto row = std::find_if(table.begin(), table.end(), [&](const Command* c) { return c->name == name; });
  if (row == table.end()) return unknown_command(name, table, environment);
  if (!asks_help) return run_command(**row, arguments.subspan(1), environment);
  print_command_help(environment.out, **row);
  return Exit::ok;
}

}  // namespace

Exit exit_for(const Error& error) {
  if (error.is(Errc::damaged) || error.is(Errc::conflict) || error.is(Errc::dns_mismatch)) return Exit::check_failed;
  return error.is(Errc::invalid) ? Exit::usage : Exit::failed;
}

Exit dispatch(std::span<const std::string> arguments, Table table, Environment& environment) {
  const Exit status = choose(arguments, table, environment);
  if (!environment.out && status == Exit::failed) return status;  // the command has seen it and said so
  const auto flushed = flush_output(environment);
  if (flushed) return status;
  complain(environment, flushed.error().what);
  return Exit::failed;
}

Result<void> flush_output(Environment& environment) {
  if (environment.out) errno = 0;  // else what failed has said why
  if (environment.out.flush()) return {};
  const std::string reason = errno != 0 ? system_error(errno, "").what : ": a write failed";
  return Error(Errc::io, "write standard output" + reason + "; the answer is not complete");
}

void complain(Environment& environment, std::string_view what) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string line = "keytool: ";
  for (const char c : what) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      line += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      line += c;
    }
  }
  environment.err << line << '\n';
}

}  // namespace kerbgate::commands
