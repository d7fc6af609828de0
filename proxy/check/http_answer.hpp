#pragma once

#include <string>
#include <string_view>

namespace kerbgate::check {

/// The beginning of an HTTP/1 answer as far as it has come: what a check looks at. Lenient as clients are (line feeds
/// alone, blank lines before it), but what is no HTTP is no HTTP.
struct HttpAnswer {
  enum class State {
    partial,  ///< more is needed to tell
    wrong,    ///< `what` says why
    head      ///< code, reason and what of the body is here
  };
  State state = State::partial;
  std::string what;
  int code = 0;
  std::string reason;
  std::string body;       ///< without the chunks' marks
  bool complete = false;  ///< the body's end is here, by its length or its last chunk

  static HttpAnswer read(std::string_view bytes);
};

}  // namespace kerbgate::check
