#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kerbgate/principal.hpp"
#include "kerbgate/result.hpp"
#include "kerbgate/secret.hpp"

/// Keys made of passwords, as libkrb5 makes them.
namespace kerbgate {

struct PasswordKeyRequest {
  Principal principal;
  std::int32_t enctype = 0;         ///< 0 only with `ask_kdc`: the one that the KDC prefers
  std::optional<std::string> salt;  ///< none: the principal's own, or the KDC's
  bool ask_kdc = false;             ///< salt and string-to-key parameters come from the principal's KDC
};

struct PasswordKey {
  std::int32_t enctype = 0;
  Secret key;
};

/// The error's text is libkrb5's general words alone ("Cannot find KDC for requested realm"), as com_err prints
/// them.
Result<PasswordKey> string_to_key(const PasswordKeyRequest& request, const Secret& password);

/// The number of an enctype by name or alias, of those that libkrb5 can make keys for. Numbers are not names.
std::optional<std::int32_t> enctype_by_name(const std::string& name);

}  // namespace kerbgate
