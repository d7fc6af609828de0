#include "kerbgate/realm.hpp"

#include "krb5/error.hpp"

namespace kerbgate {

Result<std::string> default_realm() {
  krb5_context raw = nullptr;
  if (const krb5_error_code code = krb5_init_context(&raw); code != 0)
    return krb5_failure(nullptr, code, "read krb5.conf");
  const Krb5Context context(raw);
  char* realm = nullptr;
  if (const krb5_error_code code = krb5_get_default_realm(raw, &realm); code != 0) {
    return krb5_failure(raw, code, "find default_realm in krb5.conf");
  }
  std::string text(realm);
  krb5_free_default_realm(raw, realm);
  return text;
}

}  // namespace kerbgate
