#pragma once

#include "login/opening.hpp"

namespace kerbgate::login {

/// What a connection's first bytes announce. `unknown` with no cause: more bytes are needed; at most twelve are looked
/// at.
struct FirstBytes {
  Kind kind = Kind::unknown;
  Cause cause = Cause::none;  ///< with `garbage`: what it looks like
};
FirstBytes read_first_bytes(Bytes seen);

}  // namespace kerbgate::login
