#pragma once

#include <string>

#include "login/frame.hpp"

namespace kerbgate::login {

/// The name that a TLS client asks for (RFC 6066 section 3), read from its ClientHello without answering it.
struct ServerName {
  enum class State : std::uint8_t {
    more,   ///< the hello is not whole yet
    none,   ///< no TLS
    whole,  ///< a hello; `name` is empty when it asks for none
  };
  State state = State::more;
  std::string name;  ///< as sent; a host name's characters only, at most 255
};

/// Pure; the bounds are read_client_hello()'s. `seen` is all that has come.
ServerName read_server_name(Bytes seen);

}  // namespace kerbgate::login
