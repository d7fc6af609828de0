#include "page/form.hpp"

#include <algorithm>
#include <iterator>

namespace kerbgate::page {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = char(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += char(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::optional<Change::Word> word_of(std::string_view text) {
  static constexpr std::string_view kWords[] = {"drain", "maint", "ready", "shutdown"};
  const auto found = std::find(std::begin(kWords), std::end(kWords), text);
  if (found == std::end(kWords)) return std::nullopt;
  return Change::Word(found - std::begin(kWords));
}

}  // namespace

Form parse_form(std::string_view body) {
  Form form;
  Change change;
  std::optional<Change::Word> word;
  while (!body.empty()) {
    const std::string_view pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(pair.size() + 1, body.size()));
    const std::size_t equal = pair.find('=');
    if (equal == std::string_view::npos) continue;
    const std::string_view name = pair.substr(0, equal);
    std::string value = decoded(pair.substr(equal + 1));
    if (name == "b") change.backend = std::move(value);
    if (name == "s") change.servers.push_back(std::move(value));
    if (name == "action") word = word_of(value);
    if (name == "token") form.token = std::move(value);
  }
  if (!word || change.backend.empty()) return form;
  change.word = *word;
  form.change = std::move(change);
  return form;
}

std::string_view notice_words(std::string_view outcome) {
  if (outcome == outcome::kDone) return "Done.";
  if (outcome == outcome::kNothing) return "Nothing was changed: no server was chosen.";
  if (outcome == outcome::kPart) return "Done in part: some of the chosen servers are no longer there.";
  if (outcome == outcome::kError) return "Nothing was changed: the form was not one of this page's. Load it anew.";
  if (outcome == outcome::kDenied) return "Nothing was changed: that is not allowed here.";
  return {};
}

}  // namespace kerbgate::page
