#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Thrift's binary protocol, octet by octet: what the tests of hs2 are fed.
namespace kerbgate::hs2::fixture {

using Buffer = std::vector<std::uint8_t>;
enum Type : std::uint8_t {
  kStop = 0,
  kBool = 2,
  kByte = 3,
  kDouble = 4,
  kI16 = 6,
  kI32 = 8,
  kI64 = 10,
  kText = 11,
  kStruct = 12,
  kMap = 13,
  kSet = 14,
  kList = 15
};

class Thrift {
 public:
  Thrift& number(std::uint64_t value, int octets) {
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) bytes.push_back(std::uint8_t(value >> shift));
    return *this;
  }
  Thrift& octets(std::string_view text) {
    number(text.size(), 4);
    bytes.insert(bytes.end(), text.begin(), text.end());
    return *this;
  }
  Thrift& head(std::string_view method, std::uint32_t sequence, std::uint8_t kind = 1) {
    return number(0x80010000u | kind, 4).octets(method).number(sequence, 4);
  }
  Thrift& field(Type type, std::uint16_t id) { return number(type, 1).number(id, 2); }
  Thrift& structure(std::uint16_t id) { return field(kStruct, id); }
  Thrift& text(std::uint16_t id, std::string_view value) { return field(kText, id).octets(value); }
  Thrift& i32(std::uint16_t id, std::uint32_t value) { return field(kI32, id).number(value, 4); }
  Thrift& end(int levels = 1) {
    while (levels-- > 0) number(kStop, 1);
    return *this;
  }
  /// THandleIdentifier within a T...Handle at field `id`; both left closed.
  Thrift& handle(std::uint16_t id, std::string_view guid, std::string_view secret = "0123456789abcdef") {
    return structure(id).structure(1).text(1, guid).text(2, secret).end().end();
  }
  Buffer bytes;
};

/// In frames of at most so many octets.
inline Buffer framed(const Buffer& message, std::size_t most = ~std::size_t{0}) {
  Buffer out;
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t size = std::min(most, message.size() - at);
    const Buffer length = Thrift().number(size, 4).bytes;
    out.insert(out.end(), length.begin(), length.end());
    out.insert(out.end(), message.begin() + std::ptrdiff_t(at), message.begin() + std::ptrdiff_t(at + size));
    at += size;
  }
  return out;
}

inline Buffer join(std::initializer_list<Buffer> parts) {
  Buffer out;
  for (const Buffer& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

inline constexpr std::string_view kGuid = "sixteen octets!!";

inline Buffer open_session(std::uint32_t sequence = 0) {
  return Thrift().head("OpenSession", sequence).structure(1).i32(1, 5).text(2, "alice").end(2).bytes;
}
inline Buffer about(std::string_view method, std::string_view guid = kGuid, std::uint32_t sequence = 1) {
  return Thrift().head(method, sequence).structure(1).handle(1, guid).end(2).bytes;
}
inline Buffer execute(std::string_view guid, std::string_view statement, std::uint32_t sequence = 1) {
  return Thrift().head("ExecuteStatement", sequence).structure(1).handle(1, guid).text(2, statement).end(2).bytes;
}
inline Buffer session_opened(std::string_view guid = kGuid, std::uint32_t sequence = 0) {
  Thrift out;
  out.head("OpenSession", sequence, 2).structure(0).structure(1).i32(1, 0).end().i32(2, 5).handle(3, guid);
  return out.field(kMap, 4)
      .number(kText, 1)
      .number(kText, 1)
      .number(1, 4)
      .octets("http_addr")
      .octets("host1:25000")
      .end(2)
      .bytes;
}
inline Buffer operation_begun(std::string_view guid, std::uint32_t sequence = 1) {
  Thrift out;
  out.head("ExecuteStatement", sequence, 2).structure(0).structure(1).i32(1, 0).end();
  return out.structure(2).structure(1).text(1, guid).text(2, "secret").end().i32(2, 0).end(3).bytes;
}

}  // namespace kerbgate::hs2::fixture
