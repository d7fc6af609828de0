#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/result.hpp"

namespace kerbgate {

/// A Kerberos principal: `service/host@REALM`. Components and realm are octets and may hold any of them, NUL included.
struct Principal {
  std::vector<std::string> components;
  std::string realm;
  std::int32_t name_type = 1;  ///< RFC 4120 section 6.2: 1 NT-PRINCIPAL, 2 NT-SRV-INST, 3 NT-SRV-HST

  /// As krb5_parse_name(3) does, escapes included (`\/ \@ \\ \n \t \b \0`); with no `@` the realm is `default_realm`,
  /// and an empty `default_realm` makes its absence Errc::invalid. The name type is the one libkrb5 infers: krbtgt/X is
  /// 2, WELLKNOWN/... is 11, everything else 1. Empty components and an empty realm after `@` are taken, as libkrb5
  /// takes them. A raw NUL, which a C string cannot hold, is Errc::invalid.
  static Result<Principal> parse(std::string_view text, std::string_view default_realm = {});

  /// As krb5_unparse_name(3) writes it: escaped so that parse() gives it back. Control characters other than libkrb5's
  /// five stay raw here; what a person sees goes through printable().
  [[nodiscard]] std::string str() const;

  /// str() with every byte outside printable ASCII as \xHH: safe on a terminal, in a log and in one line.
  [[nodiscard]] std::string printable() const;

  /// Same realm and components. The name type does not count, as in krb5_principal_compare(3).
  friend bool operator==(const Principal& a, const Principal& b) {
    return a.realm == b.realm && a.components == b.components;
  }
};

}  // namespace kerbgate
