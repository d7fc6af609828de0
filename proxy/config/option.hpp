#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/keyword.hpp"
#include "config/nearest.hpp"

/// The words after a `bind` or `server` address: rows like those of lines, applied to one value.
namespace kerbgate::config {

template <class Target>
struct OptionUse {
  Target& target;
  Place place;  ///< "'server impala/s1' : 'inter'"
  const Word& head;
  std::span<const Word> args;
};

template <class Target>
struct Option {
  std::string_view name;
  std::string_view syntax;
  State state = State::working;
  std::size_t args = 0;
  void (*apply)(const OptionUse<Target>&) = nullptr;
  std::string_view summary;
  std::string_view instead;  ///< not_yet and refused: what happens now
};

/// `owner`: whose option it is, "'server impala/s1'". An unknown word ends the line: what follows may be its arguments.
template <class Target>
void apply_options(Target& target, std::span<const Option<Target>> table, const Place& owner,
                   std::span<const Word> words) {
  while (!words.empty()) {
    const Word& head = words.front();
    const Option<Target>* row = nullptr;
    for (const auto& candidate : table) {
      if (candidate.name == head.text) row = &candidate;
    }
    if (row == nullptr) {
      std::vector<std::string_view> known;
      for (const auto& candidate : table) known.push_back(candidate.name);
      owner.alert(head, "unknown keyword " + quoted(head.text) + did_you_mean(head.text, known));
      return;
    }
    const Place place{owner.report, owner.line, owner.who + " : '" + head.text + "'"};
    if (words.size() - 1 < row->args) {
      place.alert(head, "expects " + std::string(row->syntax));
      return;
    }
    if (row->apply != nullptr) row->apply({target, place, head, words.subspan(1, row->args)});
    if (row->state == State::note && place.report.first("note " + head.text))
      place.say(Level::note, head, "does nothing here: " + std::string(row->summary));
    if (!row->instead.empty())
      place.say(row->state == State::refused ? Level::alert : Level::warning, head,
                "not yet: " + std::string(row->instead));
    words = words.subspan(1 + row->args);
  }
}

template <auto Field, class Target>
void set_text(const OptionUse<Target>& use) {
  use.target.*Field = use.args[0].text;
}

template <auto Field, bool Value = true, class Target>
void set_flag(const OptionUse<Target>& use) {
  use.target.*Field = Value;
}

}  // namespace kerbgate::config
