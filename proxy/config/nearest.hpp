#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kerbgate::config {

/// kerbgate::nearest() in HAProxy's words: "; did you mean 'check' maybe ?", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace kerbgate::config
