#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "kerbgate/result.hpp"
#include "rules/regex.hpp"

namespace kerbgate::rules {

/// How a text is compared (`-m`).
enum class Method : std::uint8_t { exact, begin, end, part, domain, regex, found };
std::optional<Method> parse_method(std::string_view word);

/// Texts that one is compared with.
class Texts {
 public:
  Texts(Method method, bool ignore_case) : method_(method), ignore_case_(ignore_case) {}
  /// Errc::invalid: a regular expression that does not compile.
  Result<void> add(std::string_view text);
  [[nodiscard]] bool match(std::string_view text) const;

 private:
  [[nodiscard]] bool match_one(std::string_view text, std::string_view pattern) const;
  [[nodiscard]] std::string folded(std::string_view text) const;

  Method method_;
  bool ignore_case_;
  std::unordered_set<std::string> whole_;  ///< Method::exact
  std::vector<std::string> patterns_;      ///< begin, end, part, domain
  std::vector<Regex> regex_;
};

}  // namespace kerbgate::rules
