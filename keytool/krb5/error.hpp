#pragma once

#include <krb5.h>

#include <memory>
#include <string>

#include "kerbgate/result.hpp"

/// The one translator of libkrb5's failures, and the owner of its contexts. For krb5_*.cpp alone.
namespace kerbgate {

struct Krb5ContextFree {
  void operator()(krb5_context context) const noexcept { krb5_free_context(context); }
};
using Krb5Context = std::unique_ptr<std::remove_pointer_t<krb5_context>, Krb5ContextFree>;

/// The library's own words for a failure. Without a context (none could be made) the words are general.
inline std::string krb5_words(krb5_context context, krb5_error_code code) {
  const char* message = krb5_get_error_message(context, code);
  std::string words(message);
  krb5_free_error_message(context, message);
  return words;
}

/// `doing`, then the library's own words.
inline Error krb5_failure(krb5_context context, krb5_error_code code, const std::string& doing) {
  return Error(Errc::krb5, doing + ": " + krb5_words(context, code));
}

}  // namespace kerbgate
