#pragma once

#include <cstddef>

#include "login/frame.hpp"

namespace kerbgate::login {

/// Where a TLS ClientHello ends (RFC 8446 sections 4 and 5.1). It may lie in several records; nothing in it is read.
struct ClientHello {
  enum class State {
    more,
    whole,
    wrong,  ///< no handshake record, no ClientHello, or larger than the bounds
  };
  State state = State::more;
  std::size_t length = 0;  ///< with `whole`: to the end of its last record; early data stands behind
};

/// Bounds: 64 KiB of handshake in at most 128 records (512 octets is the smallest fragment that OpenSSL makes), so that
/// a call costs the same however the bytes come. `seen` begins with 0x16.
ClientHello read_client_hello(Bytes seen);

}  // namespace kerbgate::login
