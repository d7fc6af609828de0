#pragma once

#include <krb5.h>

#include <string>

#include "kadm5/admin.hpp"

namespace kerbgate::kadm5 {

/// Whom a call is about, for its failure's words.
struct Call {
  std::string doing;             ///< "read impala/lb@R"
  const char* letter = nullptr;  ///< of kadm5.acl
  std::string principal;         ///< printable
};

/// kadm5's words for `code`, and what to do about those that have a usual cause.
Error failure(krb5_context context, long code, const Call& call);
/// The same for a connection that did not come about. `owner`: the principal of the credential cache, when one was
/// read.
Error connect_failure(krb5_context context, long code, const Access& access, const std::string& realm,
                      const std::string& owner);

}  // namespace kerbgate::kadm5
