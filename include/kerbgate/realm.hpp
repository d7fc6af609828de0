#pragma once

#include <string>

#include "kerbgate/result.hpp"

namespace kerbgate {

/// krb5.conf's default_realm, as libkrb5 finds it (KRB5_CONFIG counts). Errc::krb5 with the library's words otherwise.
Result<std::string> default_realm();

}  // namespace kerbgate
