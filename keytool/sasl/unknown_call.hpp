#pragma once

#include <cstdint>
#include <vector>

#include "kerbgate/sasl_frame.hpp"

/// The call after a login that shows whether somebody serves the connection: impalad completes a login in one thread
/// and then waits, perhaps for minutes, for another that answers calls. Pure.
namespace kerbgate::sasl {

/// A Thrift call (binary protocol, in SASL's frame of a length) of a method that no service has: nothing is done, and
/// every server answers with TApplicationException.
std::vector<std::uint8_t> unknown_call();

enum class Answer {
  more,
  refused,  ///< a TApplicationException to that call: somebody serves
  foreign,  ///< anything else
};

/// Classifies all that the server has sent after the login. A message may come in any number of frames.
Answer classify_answer(Bytes seen);

}  // namespace kerbgate::sasl
