#include "commands/completion_rows.hpp"

#include "kerbgate/daemon_flags.hpp"
#include "settings/client_settings.hpp"
#include "settings/flags_format.hpp"

namespace kerbgate::commands {
namespace {

using completion::Candidates;

std::vector<std::string_view> role_names() {
  std::vector<std::string_view> names;
  for (const Role role : kRoles) names.push_back(role_name(role));
  return names;
}

std::vector<std::string_view> own_words(std::string_view value) {
  if (value == "FORMAT") return flags_format_names();
  if (value == "ROLE") return role_names();
  if (value == "CLIENT") return client_names();
  return {};
}

/// "stage|commit --principal P": a first word of alternatives in the synopsis says more than the operand's word, STEP.
Candidates operand_candidates(const Command& command) {
  const std::string_view first = command.synopsis.substr(0, command.synopsis.find(' '));
  const bool steps = command.operands.most > 0 && first.find('|') != std::string_view::npos;
  const Candidates found = steps ? completion::candidates(first, own_words) : Candidates{};
  return found.words.empty() ? completion::candidates(command.operands.word, own_words) : found;
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
    for (const auto& option : options.options()) row.options.push_back(completion::completed(*option, own_words));
    all.push_back(std::move(row));
  }
  return all;
}

}  // namespace kerbgate::commands
