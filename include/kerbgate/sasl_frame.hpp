#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Thrift's SASL frames (TSaslTransport.h): status byte, big-endian u32 length, payload.
namespace kerbgate::sasl {

using Bytes = std::span<const std::uint8_t>;

enum class Status : std::uint8_t { start = 1, ok = 2, bad = 3, error = 4, complete = 5 };

constexpr std::size_t kHeaderSize = 5;
/// Longest text that frame() sends: it has to fit a terminal, not a buffer.
constexpr std::size_t kMaxText = 1000;

struct Header {
  std::uint8_t status = 0;   ///< as it came; see is_status()
  std::uint32_t length = 0;  ///< as it came: nothing may be allocated on its word
};

/// nullopt while fewer than kHeaderSize bytes are there.
std::optional<Header> read_header(Bytes seen);

/// One of the five that the protocol knows.
constexpr bool is_status(std::uint8_t value) { return value >= 1 && value <= 5; }

/// A SASL frame with any payload: a token, a mechanism's name.
std::vector<std::uint8_t> frame_around(Status status, Bytes payload);

/// A SASL frame with a text: what impala-shell, impyla, Hue and JDBC show to the user. The text is made plain() and cut
/// at kMaxText characters.
std::vector<std::uint8_t> frame(Status status, std::string_view text);

/// `text` as one line of printable ASCII without quotes: a run of white space is one blank, and each other byte that
/// cannot be shown, each quote of either kind and each backslash is `?` (impala-shell prints the repr of the bytes, in
/// which those would be escaped). At most `limit` characters; what was cut ends in "...". `limit` is 3 or more.
std::string plain(std::string_view text, std::size_t limit);

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

}  // namespace kerbgate::sasl
