#pragma once

#include <vector>

#include "kerbgate/keytab.hpp"

namespace kerbgate::rotate {

/// One random key an enctype. `now` is their timestamp.
Result<std::vector<keytab::Entry>> new_keys(const Principal& principal, std::uint32_t kvno,
                                            const std::vector<std::int32_t>& enctypes, std::int64_t now);

}  // namespace kerbgate::rotate
