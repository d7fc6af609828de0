#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kerbgate/keytab.hpp"

namespace kerbgate::diagnosis {

/// What a keytab holds of one principal.
struct Held {
  Principal principal;
  std::uint32_t kvno = 0;              ///< the newest, as libkrb5 tells it
  std::vector<std::int32_t> enctypes;  ///< of that kvno, in the file's order
};

/// Its principals, in the file's order.
std::vector<Held> principals_of(const std::vector<keytab::Entry>& entries);

/// nullptr when it is not there. Names compare exactly, as libkrb5 compares them.
const Held* find(const std::vector<Held>& all, const Principal& wanted);

/// "kvno 3: aes256-cts-hmac-sha1-96, arcfour-hmac (weak)"
std::string keys_text(const Held& held);

/// "impala/a@R, impala/b@R and 3 more"; "nothing".
std::string names_text(const std::vector<Held>& all);

}  // namespace kerbgate::diagnosis
