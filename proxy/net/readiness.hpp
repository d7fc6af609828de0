#pragma once

namespace kerbgate::net {

/// What epoll has said of one descriptor since it was last found wanting.
struct Readiness {
  bool readable = false, writable = false;
  bool hung_up = false;  ///< RDHUP, HUP or ERR was seen: read on until the end shows
  bool gone = false;     ///< HUP or ERR was seen: nobody reads what is written
};

}  // namespace kerbgate::net
