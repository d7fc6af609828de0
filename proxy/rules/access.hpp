#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kerbgate::rules {

/// A `kerberos allow` or `kerberos deny` line.
struct Access {
  bool allow = false;
  std::vector<std::string> patterns;
  friend bool operator==(const Access&, const Access&) = default;
};

/// `*` stands for any characters, `?` for one, anything else for itself. Time is at most text times pattern.
bool matches(std::string_view pattern, std::string_view text);

/// The first line with a pattern that matches decides. When none does: yes, unless there is an allow line.
bool admits(const std::vector<Access>& lines, std::string_view principal);

}  // namespace kerbgate::rules
