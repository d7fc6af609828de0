#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hs2/method.hpp"

/// What Impala's clients and coordinators say after the login, as far as the way of a request depends on it: Thrift's
/// strict binary protocol in the frames that TSaslTransport leaves without a security layer. Pure, fuzzed.
namespace kerbgate::hs2 {

using Bytes = std::span<const std::uint8_t>;

enum class Kind : std::uint8_t { call = 1, reply = 2, exception = 3, oneway = 4 };

/// The head of a message, and the one handle in it that this proxy goes by. A handle's secret, the statement and the
/// rows are passed over and never kept.
struct Message {
  Kind kind = Kind::call;
  std::string method;
  std::int32_t sequence = 0;
  std::string handle;  ///< see hs2::Method; empty: none (yet)
};

/// Follows one direction. Frames may cut messages anywhere, and one frame may hold many. Keeps some hundred octets,
/// however long a message is; never recurses.
class Follower {
 public:
  enum class Side : std::uint8_t { calls, replies };
  enum class Event : std::uint8_t {
    none,    ///< all has been taken
    handle,  ///< message().handle is there
    end,     ///< the message is whole
    lost,    ///< this is no such protocol, or nobody's idea of one: nothing is followed any more
  };
  struct Step {
    std::size_t used = 0;
    Event event = Event::none;
  };

  explicit Follower(Side side) : side_(side) {}

  /// Takes octets up to the next event.
  Step feed(Bytes bytes);
  [[nodiscard]] const Message& message() const noexcept { return message_; }
  /// A message has begun and not ended.
  [[nodiscard]] bool inside() const noexcept { return inside_; }
  /// The frame that the last octet belonged to has more of them, or its length is not whole.
  [[nodiscard]] bool inside_frame() const noexcept { return frame_left_ != 0 || frame_octets_ != 0; }

 private:
  enum class Part : std::uint8_t {
    version,
    name_length,
    name,
    sequence,
    field,     ///< its type
    field_id,  ///< its number
    length,    ///< of a text
    skip,      ///< octets that say nothing
    capture,   ///< octets of the handle
    elements,  ///< of a list or set: their type
    pairs,     ///< of a map: its two types
    count      ///< of a list, set or map
  };
  /// A value that holds others, and that is not whole.
  struct Level {
    bool structure = true, map = false;
    std::uint8_t first = 0, second = 0;  ///< types of elements in turn: of a map key and value, of a list the same
    std::uint64_t left = 0;              ///< elements; of a map two a pair
  };

  void frame_length(std::uint8_t value);
  void octet(std::uint8_t value);
  void number_done();
  void want(Part part, std::uint8_t octets) noexcept;
  void run(Part part, std::uint64_t octets);
  void run_done();
  void take(Bytes octets);
  void begin_body();
  void begin_value(std::uint8_t type);
  void begin_text(std::uint32_t length);
  void begin_elements(std::uint64_t count);
  void open(Level level);
  void value_done();
  void struct_done();
  void lose() noexcept;
  [[nodiscard]] bool wanted_field() const noexcept;
  [[nodiscard]] bool last_of_path() const noexcept { return matched_ + 1 == path_.depth; }

  Side side_;
  Part part_ = Part::version;
  Event event_ = Event::none;
  bool inside_ = false, lost_ = false;
  std::uint8_t frame_octets_ = 0;  ///< of a frame's length, so far
  std::uint8_t number_left_ = 4;   ///< octets of number_ to come
  std::uint8_t field_type_ = 0;    ///< of the field whose value begins; 0: what begins is no field's value
  std::uint32_t frame_number_ = 0, frame_left_ = 0, number_ = 0;
  std::uint64_t run_left_ = 0;  ///< of name, skip and capture
  std::int16_t field_id_ = 0;
  std::size_t matched_ = 0;  ///< how many of the open structs, the body apart, are the path's
  Level types_;              ///< of the container whose count is being read
  Path path_;
  std::vector<Level> levels_;
  Message message_;
};

}  // namespace kerbgate::hs2
