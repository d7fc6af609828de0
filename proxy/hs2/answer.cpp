#include "hs2/answer.hpp"

#include "kerbgate/sasl_frame.hpp"

namespace kerbgate::hs2 {
namespace {

constexpr std::uint8_t kI32 = 8, kText = 11, kStruct = 12;
constexpr std::uint32_t kVersion = 0x80010000;
constexpr std::uint32_t kErrorStatus = 3, kProtocolV6 = 5, kInternalError = 6;

class Writer {
 public:
  Writer& number(std::uint32_t value, int octets) {
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) bytes_.push_back(std::uint8_t(value >> shift));
    return *this;
  }
  Writer& octets(std::string_view text) {
    number(std::uint32_t(text.size()), 4);
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
  }
  Writer& field(std::uint8_t type, std::uint16_t id) { return number(type, 1).number(id, 2); }
  Writer& i32(std::uint16_t id, std::uint32_t value) { return field(kI32, id).number(value, 4); }
  Writer& text(std::uint16_t id, std::string_view value) { return field(kText, id).octets(value); }
  Writer& stop() { return number(0, 1); }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const noexcept { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace

std::vector<std::uint8_t> failure(const Message& call, std::string_view text) {
  if (call.kind == Kind::oneway) return {};
  const bool session = call.method == kOpenSession;
  const std::string line = sasl::plain(text, sasl::kMaxText);
  Writer message;
  message.number(kVersion | std::uint32_t(session ? Kind::reply : Kind::exception), 4);
  message.octets(call.method).number(std::uint32_t(call.sequence), 4);
  if (session) {
    message.field(kStruct, 0);  // the result: TOpenSessionResp
    message.field(kStruct, 1).i32(1, kErrorStatus).text(5, line).stop();
    message.i32(2, kProtocolV6).stop().stop();
  } else {
    message.text(1, line).i32(2, kInternalError).stop();
  }
  Writer frame;
  frame.number(std::uint32_t(message.bytes().size()), 4);
  std::vector<std::uint8_t> out = frame.bytes();
  out.insert(out.end(), message.bytes().begin(), message.bytes().end());
  return out;
}

}  // namespace kerbgate::hs2
