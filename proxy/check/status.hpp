#pragma once

#include <optional>
#include <string>
#include <string_view>

/// How a check ends, in HAProxy's words: scripts and dashboards know them.
namespace kerbgate::check {

/// The values are HAProxy's numbers, as `show servers state` gives them.
enum class Status {
  hana = 4,  ///< not a probe: what clients' connections saw
  sockerr = 5,
  l4ok = 6,
  l4tout = 7,
  l4con = 8,
  l6ok = 9,
  l6tout = 10,
  l6rsp = 11,
  l7tout = 12,
  l7rsp = 13,
  l7ok = 15,
  l7okc = 16,
  l7sts = 17
};

struct StatusWords {
  Status status;
  std::string_view name;   ///< "L7STS"
  std::string_view words;  ///< "Layer7 wrong status"
  bool has_code;           ///< of HTTP; 0 in other protocols
};

const StatusWords& words(Status status);
std::optional<Status> status_named(std::string_view name);
[[nodiscard]] bool passed(Status status);

/// What a probe came to.
struct Finding {
  Status status = Status::l4ok;
  int code = 0;
  std::string info;  ///< printable; empty: the status says all
};

/// ", reason: Layer7 wrong status, code: 503, info: \"Service Unavailable\", check duration: 3ms"
std::string reason(const Finding& verdict, long long milliseconds);

/// What came from a server made fit for a line: other than printable ASCII, and quotes, as <0A>; 127 bytes at most, as
/// in HAProxy.
std::string printable(std::string_view text);

}  // namespace kerbgate::check
