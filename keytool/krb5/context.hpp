#pragma once

#include <chrono>

#include "kerbgate/acceptor.hpp"
#include "kerbgate/result.hpp"
#include "krb5/error.hpp"

/// Contexts that look at no file.
namespace kerbgate {

/// Without any krb5.conf: to read a file of keys none is needed, and a broken one must not stand in the way.
Result<Krb5Context> configuration_free_context();

/// With these values and no others.
Result<Krb5Context> context_of(const Krb5Conf& conf);

/// krb5.conf's `clockskew`, 300 s unless it says otherwise.
std::chrono::seconds configured_skew(krb5_context context);

}  // namespace kerbgate
