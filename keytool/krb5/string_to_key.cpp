#include "krb5/string_to_key.hpp"

#include <krb5.h>

#include "krb5/error.hpp"
#include "krb5/principal.hpp"

namespace kerbgate {
namespace {

/// Octets that libkrb5 allocated.
class Data {
 public:
  explicit Data(krb5_context context) : context_(context) {}
  Data(const Data&) = delete;
  Data& operator=(const Data&) = delete;
  ~Data() { krb5_free_data_contents(context_, &data_); }
  krb5_data* get() { return &data_; }

 private:
  krb5_context context_;
  krb5_data data_{};
};

struct OptionsFree {
  krb5_context context;
  void operator()(krb5_get_init_creds_opt* options) const { krb5_get_init_creds_opt_free(context, options); }
};

/// What the KDC says of the principal: an enctype that it has a key of (of `enctype` alone unless that is 0), its salt
/// and parameters.
krb5_error_code ask_kdc(krb5_context context, krb5_principal principal, krb5_enctype& enctype, krb5_data* salt,
                        krb5_data* parameters) {
  krb5_get_init_creds_opt* raw = nullptr;
  if (const krb5_error_code code = krb5_get_init_creds_opt_alloc(context, &raw); code != 0) return code;
  const std::unique_ptr<krb5_get_init_creds_opt, OptionsFree> options(raw, OptionsFree{context});
  krb5_enctype wanted = enctype;
  if (wanted != ENCTYPE_NULL) krb5_get_init_creds_opt_set_etype_list(raw, &wanted, 1);
  const krb5_error_code code = krb5_get_etype_info(context, principal, raw, &enctype, salt, parameters);
  return code == 0 && enctype == ENCTYPE_NULL ? KRB5KDC_ERR_ETYPE_NOSUPP : code;
}

krb5_data view(const std::span<const std::uint8_t> bytes) {
  krb5_data out{};
  out.length = static_cast<unsigned>(bytes.size());
  out.data = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
  return out;
}

krb5_error_code derive(krb5_context context, const PasswordKeyRequest& request, const Secret& password,
                       PasswordKey& out) {
  Krb5Principal principal(context);
  if (const krb5_error_code code = principal.parse(request.principal); code != 0) return code;
  Data salt(context), parameters(context);
  krb5_enctype enctype = request.enctype;
  krb5_error_code code = 0;
  if (request.ask_kdc) {
    code = ask_kdc(context, principal.get(), enctype, salt.get(), parameters.get());
  } else if (!request.salt) {
    code = krb5_principal2salt(context, principal.get(), salt.get());
  }
  if (code != 0) return code;
  krb5_data given{};
  if (request.salt) {
    given = view({reinterpret_cast<const std::uint8_t*>(request.salt->data()), request.salt->size()});
  }
  const krb5_data secret = view(password.bytes());
  const krb5_data* used_parameters = parameters.get()->length > 0 ? parameters.get() : nullptr;
  krb5_keyblock key{};
  code = krb5_c_string_to_key_with_params(context, enctype, &secret, request.salt ? &given : salt.get(),
                                          used_parameters, &key);
  if (code != 0) return code;
  out.enctype = key.enctype;
  out.key = Secret(std::span<const std::uint8_t>(key.contents, key.length));
  krb5_free_keyblock_contents(context, &key);  // which wipes it
  return 0;
}

}  // namespace

Result<PasswordKey> string_to_key(const PasswordKeyRequest& request, const Secret& password) {
  krb5_context raw = nullptr;
  if (const krb5_error_code code = krb5_init_context(&raw); code != 0) {
    return Error(Errc::krb5, krb5_words(nullptr, code));
  }
  const Krb5Context context(raw);
  PasswordKey out;
  if (const krb5_error_code code = derive(raw, request, password, out); code != 0) {
    return Error(Errc::krb5, krb5_words(nullptr, code));
  }
  return out;
}

std::optional<std::int32_t> enctype_by_name(const std::string& name) {
  krb5_enctype enctype = 0;
  std::string copy = name;  // the library's parameter is not const
  if (krb5_string_to_enctype(copy.data(), &enctype) != 0) return std::nullopt;
  return enctype;
}

}  // namespace kerbgate
