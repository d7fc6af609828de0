#include "commands/completion_rows.hpp"

#include <algorithm>

#include "settings/client_settings.hpp"
#include "commands/help.hpp"
#include "settings/flags_format.hpp"
#include "kerbgate/daemon_flags.hpp"

namespace kerbgate::commands {
namespace {

Candidates words(const std::vector<std::string_view>& of) { return {Candidates::Kind::words, {of.begin(), of.end()}}; }

std::vector<std::string_view> role_names() {
  std::vector<std::string_view> names;
  for (const Role role : kRoles) names.push_back(role_name(role));
  return names;
}

/// "first|last|fail"
std::vector<std::string_view> alternatives(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t bar = std::min(text.find('|', start), text.size());
    all.push_back(text.substr(start, bar - start));
    start = bar + 1;
  }
  return all;
}

/// The word in the help, FILE or ROLE, says what is meant. Words of small letters are the values themselves.
Candidates candidates(std::string_view value) {
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), value) != names.end();
  };
  if (is({"FILE", "PATH", "KEYTAB", "OUT", "IN"})) return {Candidates::Kind::files, {}};
  if (is({"DIR"})) return {Candidates::Kind::directories, {}};
  if (is({"FORMAT"})) return words(flags_format_names());
  if (is({"ROLE"})) return words(role_names());
  if (is({"CLIENT"})) return words(client_names());
  if (is({"SHELL"})) return words(shell_names());
  const bool small =
      std::all_of(value.begin(), value.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '|' || c == '-'; });
  return small && !value.empty() ? words(alternatives(value)) : Candidates{};
}

/// "stage|commit --principal P": a first word of alternatives in the synopsis says more than the operand's word, STEP.
Candidates operand_candidates(const Command& command) {
  const std::string_view first = command.synopsis.substr(0, command.synopsis.find(' '));
  const bool steps = command.operands.most > 0 && first.find('|') != std::string_view::npos;
  const Candidates found = steps ? candidates(first) : Candidates{};
  return found.words.empty() ? candidates(command.operands.word) : found;
}

CompletedOption completed(const po::option_description& option) {
  CompletedOption row{spellings(option), option.description(), "", {}, false};
  if (option.semantic()->max_tokens() == 0) return row;
  row.value = option.semantic()->name();
  row.candidates = candidates(row.value);
  row.repeats = dynamic_cast<const po::typed_value<std::vector<std::string>>*>(option.semantic().get()) != nullptr;
  return row;
}

}  // namespace

CompletedTable completed(Table table) {
  CompletedTable all;
  for (const Command* command : table) {
    CompletedCommand row{
        std::string(command->name), std::string(command->summary), {}, std::string(command->operands.word), {},
        command->operands.most > 1};
    row.operands = operand_candidates(*command);
    row.then_files = row.many && row.operands.kind == Candidates::Kind::words;
    po::options_description options = command->options();
    options.add_options()("help,h", "this text");
    for (const auto& option : options.options()) row.options.push_back(completed(*option));
    all.push_back(std::move(row));
  }
  return all;
}

std::vector<std::string_view> shell_names() { return {"bash", "zsh", "fish"}; }

std::string spaced(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace kerbgate::commands
