#pragma once

#include <cstdint>

#include "kerbgate/result.hpp"
#include "kerbgate/secret.hpp"

namespace kerbgate {

/// A key of libkrb5's random generator, which the system seeds. Errc::krb5 for an enctype that it cannot make keys for.
Result<Secret> random_key(std::int32_t enctype);

}  // namespace kerbgate
