#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kerbgate::config {

/// The known word that a mistyped one was probably meant to be; empty when none is near. Near: one insertion, deletion,
/// change or swap of neighbours for each three letters of the word, at least one; case does not count.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// "; did you mean 'check' maybe ?", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace kerbgate::config
