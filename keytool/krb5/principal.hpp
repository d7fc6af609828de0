#pragma once

#include <krb5.h>

#include "kerbgate/principal.hpp"

namespace kerbgate {

/// A principal as libkrb5's calls take it. Lives no longer than its context.
class Krb5Principal {
 public:
  explicit Krb5Principal(krb5_context context) : context_(context) {}
  Krb5Principal(const Krb5Principal&) = delete;
  Krb5Principal& operator=(const Krb5Principal&) = delete;
  ~Krb5Principal() { krb5_free_principal(context_, principal_); }
  krb5_error_code parse(const Principal& principal) {
    return krb5_parse_name(context_, principal.str().c_str(), &principal_);
  }
  [[nodiscard]] krb5_principal get() const { return principal_; }
  /// For a call that makes one; once.
  krb5_principal* out() { return &principal_; }

 private:
  krb5_context context_;
  krb5_principal principal_ = nullptr;
};

}  // namespace kerbgate
