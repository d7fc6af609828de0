#include "login/client_hello.hpp"

#include <algorithm>

namespace kerbgate::login {
namespace {

constexpr std::uint8_t kHandshakeRecord = 22, kClientHelloType = 1, kMajor = 3, kHighestMinor = 4;
constexpr std::size_t kRecordHeader = 5, kHandshakeHeader = 4;
constexpr std::size_t kMaxRecord = (1u << 14) + 2048;  // RFC 5246's, wider than RFC 8446's
constexpr std::size_t kMaxHandshake = 1u << 16;
constexpr std::size_t kMaxRecords = 128;

/// The handshake message's own header, gathered from however many records it is spread over.
class HandshakeHeader {
 public:
  void feed(Bytes fragment) {
    for (std::size_t i = 0; i < fragment.size() && have_ < kHandshakeHeader; ++i) bytes_[have_++] = fragment[i];
    passed_ += fragment.size();
  }
  [[nodiscard]] bool wrong() const {
    return (have_ > 0 && bytes_[0] != kClientHelloType) || (have_ == kHandshakeHeader && body() > kMaxHandshake);
  }
  [[nodiscard]] bool complete() const { return have_ == kHandshakeHeader && passed_ >= kHandshakeHeader + body(); }

 private:
  [[nodiscard]] std::size_t body() const {
    return static_cast<std::size_t>(bytes_[1]) << 16 | static_cast<std::size_t>(bytes_[2]) << 8 | bytes_[3];
  }
  std::uint8_t bytes_[kHandshakeHeader] = {};
  std::size_t have_ = 0, passed_ = 0;
};

bool wrong_start(Bytes record) {
  return (!record.empty() && record[0] != kHandshakeRecord) || (record.size() > 1 && record[1] != kMajor) ||
         (record.size() > 2 && record[2] > kHighestMinor);
}

}  // namespace

ClientHello read_client_hello(Bytes seen) {
  using State = ClientHello::State;
  HandshakeHeader handshake;
  std::size_t at = 0;
  for (std::size_t records = 0; records < kMaxRecords; ++records) {
    const Bytes record = seen.subspan(at);
    if (wrong_start(record)) return {State::wrong, 0};
    if (record.size() < kRecordHeader) return {State::more, 0};
    const std::size_t length = static_cast<std::size_t>(record[3]) << 8 | record[4];
    if (length == 0 || length > kMaxRecord) return {State::wrong, 0};
    const Bytes body = record.subspan(kRecordHeader);
    handshake.feed(body.first(std::min(length, body.size())));
    if (handshake.wrong()) return {State::wrong, 0};
    if (body.size() < length) return {State::more, 0};
    at += kRecordHeader + length;
    if (handshake.complete()) return {State::whole, at};
  }
  return {State::wrong, 0};
}

}  // namespace kerbgate::login
