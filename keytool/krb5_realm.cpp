#include <krb5.h>

#include <memory>

#include "kerbgate/realm.hpp"

namespace kerbgate {
namespace {

struct FreeContext {
  void operator()(krb5_context context) const noexcept { krb5_free_context(context); }
};
using Context = std::unique_ptr<std::remove_pointer_t<krb5_context>, FreeContext>;

Error failure(krb5_context context, krb5_error_code code, const std::string& doing) {
  const char* message = krb5_get_error_message(context, code);
  Error error(Errc::krb5, doing + ": " + message);
  krb5_free_error_message(context, message);
  return error;
}

}  // namespace

Result<std::string> default_realm() {
  krb5_context raw = nullptr;
  if (const krb5_error_code code = krb5_init_context(&raw); code != 0) return failure(nullptr, code, "read krb5.conf");
  const Context context(raw);
  char* realm = nullptr;
  if (const krb5_error_code code = krb5_get_default_realm(raw, &realm); code != 0) {
    return failure(raw, code, "find default_realm in krb5.conf");
  }
  std::string text(realm);
  krb5_free_default_realm(raw, realm);
  return text;
}

}  // namespace kerbgate
