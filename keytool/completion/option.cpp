#include "completion/option.hpp"

#include <algorithm>
#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/value_semantic.hpp>

namespace kerbgate::completion {
namespace {

Candidates words(const std::vector<std::string_view>& of) { return {Candidates::Kind::words, {of.begin(), of.end()}}; }

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

}  // namespace

std::vector<std::string_view> shell_names() { return {"bash", "zsh", "fish"}; }

Candidates candidates(std::string_view value, OwnWords own) {
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), value) != names.end();
  };
  if (const auto found = own(value); !found.empty()) return words(found);
  if (is({"FILE", "PATH", "KEYTAB", "OUT", "IN", "FILE|DIR", "PIDFILE", "SOCKET"}))
    return {Candidates::Kind::files, {}};
  if (is({"DIR"})) return {Candidates::Kind::directories, {}};
  if (is({"SHELL"})) return words(shell_names());
  const bool small =
      std::all_of(value.begin(), value.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '|' || c == '-'; });
  return small && !value.empty() ? words(alternatives(value)) : Candidates{};
}

Option completed(const po::option_description& option, OwnWords own) {
  Option row{spellings(option), option.description(), "", {}, false};
  if (option.semantic()->max_tokens() == 0) return row;
  row.value = option.semantic()->name();
  row.candidates = candidates(row.value, own);
  row.repeats = dynamic_cast<const po::typed_value<std::vector<std::string>>*>(option.semantic().get()) != nullptr;
  return row;
}

std::string short_spelling(const po::option_description& option) {
  // Without a short name the library gives the long one, without dashes.
  std::string name = option.canonical_display_name(po::command_line_style::allow_dash_for_short);
  return name.size() == 2 && name[0] == '-' ? name : "";
}

std::vector<std::string> spellings(const po::option_description& option) {
  std::vector<std::string> all;
  if (!option.long_name().empty()) all.push_back("--" + option.long_name());
  if (std::string name = short_spelling(option); !name.empty()) all.push_back(std::move(name));
  return all;
}

std::string function_name(std::string program) {
  std::replace(program.begin(), program.end(), '-', '_');
  return "_" + program;
}

std::string spaced(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace kerbgate::completion
