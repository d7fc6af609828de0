#pragma once

#include <span>

#include "config/option.hpp"

namespace kerbgate::config {

/// `address` and the options after it -> one Bind for each address, added to the section. Says what is wrong.
void add_binds(Draft& draft, const Place& place, const Word& address, std::span<const Word> options);

std::span<const Option<Bind>> bind_options();

}  // namespace kerbgate::config
