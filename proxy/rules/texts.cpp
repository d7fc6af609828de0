#include "rules/texts.hpp"

#include <algorithm>

namespace kerbgate::rules {

std::optional<Method> parse_method(std::string_view word) {
  static constexpr std::pair<std::string_view, Method> kMethods[] = {
      {"str", Method::exact},  {"beg", Method::begin}, {"end", Method::end},    {"sub", Method::part},
      {"dom", Method::domain}, {"reg", Method::regex}, {"found", Method::found}};
  for (const auto& [name, method] : kMethods)
    if (name == word) return method;
  return std::nullopt;
}

std::string Texts::folded(std::string_view text) const {
  std::string out(text);
  if (ignore_case_)
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

Result<void> Texts::add(std::string_view text) {
  if (method_ == Method::exact) {
    whole_.insert(folded(text));
  } else if (method_ != Method::regex) {
    patterns_.push_back(folded(text));
  } else {
    Result<Regex> regex = Regex::compile(std::string(text), ignore_case_);
    if (!regex) return std::move(regex).error();
    regex_.push_back(std::move(*regex));
  }
  return {};
}

bool Texts::match_one(std::string_view text, std::string_view pattern) const {
  switch (method_) {
    case Method::begin:
      return text.starts_with(pattern);
    case Method::end:
      return text.ends_with(pattern);
    case Method::part:
      return text.find(pattern) != std::string_view::npos;
    case Method::domain: {
      // Whole labels: `example.com` is in `a.example.com.org`, not in `myexample.com`.
      while (pattern.starts_with('.')) pattern.remove_prefix(1);
      while (pattern.ends_with('.')) pattern.remove_suffix(1);
      if (pattern.empty()) return false;
      for (std::size_t at = text.find(pattern); at != std::string_view::npos; at = text.find(pattern, at + 1)) {
        const std::size_t end = at + pattern.size();
        if ((at == 0 || text[at - 1] == '.') && (end == text.size() || text[end] == '.')) return true;
      }
      return false;
    }
    case Method::exact:
    case Method::regex:
    case Method::found:
      break;
  }
  return false;
}

bool Texts::match(std::string_view text) const {
  const std::string wanted = folded(text);
  switch (method_) {
    case Method::found:
      return true;
    case Method::exact:
      return whole_.contains(wanted);
    case Method::regex:
      return std::any_of(regex_.begin(), regex_.end(),
                         [&](const Regex& regex) { return regex.find_in(wanted).value_or(false); });
    default:
      return std::any_of(patterns_.begin(), patterns_.end(),
                         [&](const std::string& pattern) { return match_one(wanted, pattern); });
  }
}

}  // namespace kerbgate::rules
