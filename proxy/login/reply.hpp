#pragma once

#include <string>

#include "login/frame.hpp"

namespace kerbgate::login {

/// A server's answer to a login.
struct Reply {
  enum class Next {
    more,
    accepted,  ///< OK or COMPLETE: the server goes on with this login
    rejected,  ///< BAD or ERROR
    foreign,   ///< not a SASL frame
  };
  Next next = Next::more;
  Status status = Status::start;  ///< that of the frame, with `accepted` and `rejected`
  std::string text;               ///< of BAD and ERROR: printable ASCII, cut at 512 characters
};

/// Classifies all that the server has sent. OK and COMPLETE count as soon as their header is there; a text is waited
/// for, up to 64 KiB of it. A frame of more than 16 MiB is foreign.
Reply classify_reply(Bytes seen);

}  // namespace kerbgate::login
