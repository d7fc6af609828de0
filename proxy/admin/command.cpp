#include "admin/command.hpp"

#include <algorithm>
#include <optional>

#include "kerbgate/nearest.hpp"

namespace kerbgate::admin {
namespace {

constexpr std::string_view kValid = "The following commands are valid at this level:\n";
constexpr std::string_view kNone = "Unknown command. Please enter one of the following commands only:\n";
constexpr std::string_view kNear = "Unknown command, but maybe one of the following ones is a better match:\n";

std::string help_line(const Command& command) {
  std::string out = "  " + std::string(command.usage);
  out.resize(std::max<std::size_t>(out.size(), 42), ' ');
  return out + ": " + std::string(command.help) + '\n';
}

bool always_listed(const Command& command) {
  return command.words == "help" || command.words == "prompt" || command.words == "quit";
}

std::size_t words_in_common(const std::vector<std::string>& command, const std::vector<std::string>& given) {
  std::size_t count = 0;
  while (count < command.size() && count < given.size() && command[count] == given[count]) ++count;
  return count;
}

/// The command's words stand at the beginning of the line; of several the longest.
const Command* find(const std::vector<std::string>& words) {
  const Command* found = nullptr;
  std::size_t most = 0;
  for (const Command& command : all_commands()) {
    const std::vector<std::string> own = words_of(command.words);
    if (words_in_common(own, words) == own.size() && own.size() > most) {
      found = &command;
      most = own.size();
    }
  }
  return found;
}

/// How many words at the beginning fit the best; with none, the nearest command by its letters.
std::vector<const Command*> near(const std::vector<std::string>& words) {
  std::vector<const Command*> out;
  std::size_t best = 1;
  for (const Command& command : all_commands()) {
    const std::size_t common = words_in_common(words_of(command.words), words);
    if (common > best) out.clear();
    best = std::max(best, common);
    if (common == best) out.push_back(&command);
  }
  if (!out.empty() && (out.size() == 1 || words.size() == best)) return out;
  std::vector<std::string_view> names;
  for (const Command& command : all_commands()) names.push_back(command.words);
  std::string typed = words.empty() ? "" : words[0];
  if (words.size() > 1) typed += ' ' + words[1];
  if (const auto name = nearest(typed, names)) out = {find(words_of(*name))};
  return out;
}

void answer_help(Call call) { call.reply(help_text(call.args, call.user.level, kValid)); }

void toggle_prompt(Call call) {
  call.user.interactive = !call.user.interactive;
  call.reply("");
}

void leave(Call call) {
  call.user.left = true;
  call.reply("");
}

/// Only downwards.
template <RuntimeLevel Level>
void lower_level(Call call) {
  call.user.level = std::min(call.user.level, Level);
  call.reply("");
}

void show_level(Call call) {
  static constexpr const char* kWords[] = {"user\n", "operator\n", "admin\n"};
  call.reply(kWords[int(call.user.level)]);
}

void set_timeout(Call call) {
  if (call.arg(0) != "cli") return call.reply("'set timeout' only supports 'cli'.\n");
  const std::string& text = call.arg(1);
  if (text.empty()) return call.reply("Expects an integer value.\n");
  char* end = nullptr;
  const long seconds = std::strtol(text.c_str(), &end, 10);
  if (*end != '\0' || seconds < 1 || seconds > 1'000'000) return call.reply("Invalid timeout value.\n");
  call.user.timeout = std::chrono::seconds(seconds);
  call.reply("");
}

using enum RuntimeLevel;

constexpr Command kRows[] = {
    {"help", "help [<command>]", "list matching or all commands", user, answer_help},
    {"prompt", "prompt", "toggle interactive mode with prompt", user, toggle_prompt},
    {"quit", "quit", "disconnect", user, leave},
    {"operator", "operator", "lower the level of this connection to operator", operator_,
     lower_level<RuntimeLevel::operator_>},
    {"user", "user", "lower the level of this connection to user", user, lower_level<RuntimeLevel::user>},
    {"show cli level", "show cli level", "the level of this connection", user, show_level},
    {"set timeout", "set timeout cli <seconds>", "how long this connection may be silent", user, set_timeout},
};

}  // namespace

std::span<const Command> user_commands() { return kRows; }

const std::vector<Command>& all_commands() {
  static const std::vector<Command> kAll = [] {
    std::vector<Command> all;
    for (const auto& part : {show_commands(), change_commands(), kerberos_commands(), user_commands(), dns_commands()})
      all.insert(all.end(), part.begin(), part.end());
    std::sort(all.begin(), all.end(), [](const Command& a, const Command& b) { return a.words < b.words; });
    return all;
  }();
  return kAll;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out;
  bool in_word = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (c == ' ' || c == '\t' || c == '\r') {
      in_word = false;
      continue;
    }
    if (c == '\\' && i + 1 < line.size()) c = line[++i];
    if (!std::exchange(in_word, true)) out.emplace_back();
    out.back() += c;
  }
  return out;
}

std::string help_text(const std::vector<std::string>& words, RuntimeLevel level, std::string_view head) {
  std::string out(head);
  const std::vector<const Command*> fitting = words.empty() ? std::vector<const Command*>{} : near(words);
  for (const Command& command : all_commands()) {
    if (always_listed(command) || command.level > level) continue;
    if (words.empty() || std::find(fitting.begin(), fitting.end(), &command) != fitting.end())
      out += help_line(command);
  }
  for (const Command& command : all_commands())
    if (always_listed(command)) out += help_line(command);
  return out;
}

void run_command(Site& site, UserState& user, const std::string& line, std::function<void(std::string)> reply,
                 std::function<bool(std::string)> say) {
  std::vector<std::string> words = words_of(line);
  const Command* command = find(words);
  if (command == nullptr) return reply(help_text(words, user.level, words.empty() ? kNone : kNear));
  if (user.level < command->level) return reply("Permission denied\n");
  const std::size_t own = words_of(command->words).size();
  words.erase(words.begin(), words.begin() + std::ptrdiff_t(own));
  command->run({site, user, std::move(words), std::move(reply), std::move(say)});
}

}  // namespace kerbgate::admin
