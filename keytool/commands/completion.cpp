#include <ostream>

#include "commands/completion_rows.hpp"
#include "commands/rows.hpp"
#include "kerbgate/nearest.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate::commands {
namespace {

po::options_description options() { return {}; }

Result<Exit> run(const Values& values, Environment& environment) {
  const std::string shell = operands(values)[0];
  const auto table = completed(all_commands());
  if (shell == "bash") {
    environment.out << bash_completion(table);
  } else if (shell == "zsh") {
    environment.out << zsh_completion(table);
  } else if (shell == "fish") {
    environment.out << fish_completion(table);
  } else {
    const std::string hint = did_you_mean(shell, completion::shell_names());
    return Error(Errc::invalid, "unknown shell " + quoted(shell) + (hint.empty() ? ": it is bash, zsh or fish" : hint));
  }
  return Exit::ok;
}

}  // namespace

const Command kCompletion{
    "Shell",
    "completion",
    "a script that makes bash, zsh or fish complete commands, options and values",
    "bash|zsh|fish",
    "Writes the script for the shell. It completes kerbgate-keytool, the name that keytool is installed under,\n"
    "and leaves JDK's keytool alone.",
    "kerbgate-keytool completion bash > /etc/bash_completion.d/kerbgate-keytool\n"
    "kerbgate-keytool completion zsh > /usr/local/share/zsh/site-functions/_kerbgate-keytool\n"
    "kerbgate-keytool completion fish > ~/.config/fish/completions/kerbgate-keytool.fish\n"
    "source <(kerbgate-keytool completion bash)",
    {"SHELL", 1, 1},
    options,
    run};

}  // namespace kerbgate::commands
