#pragma once

#include "config/keyword.hpp"

namespace kerbgate::config {

/// `impala-backends ID URL [auth FILE] [ca-file FILE]`.
void add_backends_page(const Statement& line);

}  // namespace kerbgate::config
