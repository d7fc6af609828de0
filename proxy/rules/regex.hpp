#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kerbgate/result.hpp"

namespace kerbgate::rules {

/// A regular expression of PCRE, as HAProxy's are, over octets. What is matched may come from an enemy: work and memory
/// of one match are bounded, and no stack is used. Copies share what was compiled; any thread may match.
class Regex {
 public:
  /// Errc::invalid says what is wrong and at which character.
  static Result<Regex> compile(const std::string& pattern, bool ignore_case = false);
  /// Whether it matches somewhere in `text`; nullopt: it took too much work to tell.
  [[nodiscard]] std::optional<bool> find_in(std::string_view text) const;

 private:
  struct Compiled;
  explicit Regex(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace kerbgate::rules
