#include "krb5/random_key.hpp"

#include "kerbgate/keytab.hpp"
#include "krb5/error.hpp"

namespace kerbgate {

Result<Secret> random_key(std::int32_t enctype) {
  const std::string doing = "make a key of enctype " + keytab::enctype_name(enctype);
  krb5_context raw = nullptr;
  if (const auto code = krb5_init_context(&raw); code != 0) return krb5_failure(nullptr, code, doing);
  const Krb5Context context(raw);
  krb5_keyblock key{};
  if (const auto code = krb5_c_make_random_key(raw, enctype, &key); code != 0) return krb5_failure(raw, code, doing);
  Secret out(std::span<const std::uint8_t>(key.contents, key.length));
  krb5_free_keyblock_contents(raw, &key);  // which wipes it
  return out;
}

}  // namespace kerbgate
