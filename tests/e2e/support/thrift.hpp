#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/socket.hpp"

/// Thrift's binary protocol in frames, as much of it as HiveServer2's messages need.
namespace kerbgate::e2e::thrift {

enum class Type : std::uint8_t {
  stop = 0,
  boolean = 2,
  byte = 3,
  real = 4,
  i16 = 6,
  i32 = 8,
  i64 = 10,
  text = 11,
  structure = 12,
  map = 13,
  set = 14,
  list = 15,
};
enum class Kind : std::uint8_t { call = 1, reply = 2, exception = 3, oneway = 4 };

/// Whatever came, as a tree. A field that is absent reads as an empty value.
struct Value {
  Type type = Type::stop;
  std::int64_t number = 0;  ///< boolean to i64; the bits of a real
  std::string text;
  std::map<std::int16_t, Value> fields;
  std::vector<Value> items;  ///< list and set; of a map: key, value, key, value

  [[nodiscard]] const Value& operator[](std::int16_t field) const;
};

struct Message {
  Kind kind = Kind::call;
  std::string method;
  std::int32_t sequence = 0;
  Value body;
};

/// Writes a struct field by field; end() closes the innermost one.
class Writer {
 public:
  Writer& boolean(std::int16_t field, bool value);
  Writer& i32(std::int16_t field, std::int32_t value);
  Writer& i64(std::int16_t field, std::int64_t value);
  Writer& text(std::int16_t field, std::string_view value);
  Writer& texts(std::int16_t field, const std::vector<std::string>& values);
  Writer& pairs(std::int16_t field, const std::map<std::string, std::string>& values);
  Writer& structure(std::int16_t field);
  /// A list of `count` structs: each is written as fields and closed by end().
  Writer& structures(std::int16_t field, std::size_t count);
  Writer& end();
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

 private:
  Writer& header(Type type, std::int16_t field);
  Writer& number(std::uint64_t value, int octets);
  Writer& raw_text(std::string_view value);
  std::string bytes_;
  friend std::string message_bytes(const Message&, const Writer&);
};

/// Messages over a socket after the login: u32 length, bytes; a message may span frames.
class Connection {
 public:
  explicit Connection(Socket& socket) : socket_(socket) {}
  Message receive();
  /// `body` with its last end() written.
  void send(Kind kind, const std::string& method, std::int32_t sequence, const Writer& body);

 private:
  std::string take(std::size_t n);
  std::uint64_t number(int octets);
  std::string text();
  Value value(Type type, int depth);

  Socket& socket_;
  std::string frame_;
};

}  // namespace kerbgate::e2e::thrift
