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

/// `doing`, then the library's own words. Without a context (none could be made) the words are general.
inline Error krb5_failure(krb5_context context, krb5_error_code code, const std::string& doing) {
  const char* message = krb5_get_error_message(context, code);
  Error error(Errc::krb5, doing + ": " + message);
  krb5_free_error_message(context, message);
  return error;
}

}  // namespace kerbgate
