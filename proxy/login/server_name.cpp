#include "login/server_name.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "login/client_hello.hpp"

namespace kerbgate::login {
namespace {

constexpr std::size_t kRecordHeader = 5, kHandshakeHeader = 4, kVersionAndRandom = 34, kMostName = 255;

/// What the records carry, one behind the other.
std::vector<std::uint8_t> joined(Bytes records) {
  std::vector<std::uint8_t> out;
  while (records.size() >= kRecordHeader) {
    const std::size_t length =
        std::min<std::size_t>(std::size_t(records[3]) << 8 | records[4], records.size() - kRecordHeader);
    const Bytes body = records.subspan(kRecordHeader, length);
    out.insert(out.end(), body.begin(), body.end());
    records = records.subspan(kRecordHeader + length);
  }
  return out;
}

/// Reads on; once something is missing everything reads as empty.
class Cursor {
 public:
  explicit Cursor(Bytes rest) : rest_(rest) {}
  Bytes take(std::size_t count) {
    if (rest_.size() < count) {
      rest_ = {};
      return {};
    }
    const Bytes out = rest_.first(count);
    rest_ = rest_.subspan(count);
    return out;
  }
  std::size_t number(std::size_t octets) {
    std::size_t out = 0;
    for (const std::uint8_t octet : take(octets)) out = out << 8 | octet;
    return out;
  }
  Bytes vector(std::size_t octets) { return take(number(octets)); }
  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  Bytes rest_;
};

bool host_character(std::uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::string name_in(Bytes extension) {
  Cursor list(Cursor(extension).vector(2));
  while (!list.empty()) {
    const std::size_t type = list.number(1);
    const Bytes name = list.vector(2);
    if (type != 0) continue;
    if (name.size() > kMostName || !std::all_of(name.begin(), name.end(), host_character)) return {};
    return {name.begin(), name.end()};
  }
  return {};
}

std::string name_of_hello(Bytes message) {
  Cursor hello(message);
  hello.take(kHandshakeHeader + kVersionAndRandom);
  hello.vector(1);  // session id
  hello.vector(2);  // cipher suites
  hello.vector(1);  // compression methods
  Cursor extensions(hello.vector(2));
  while (!extensions.empty()) {
    const std::size_t type = extensions.number(2);
    const Bytes body = extensions.vector(2);
    if (type == 0) return name_in(body);
  }
  return {};
}

}  // namespace

ServerName read_server_name(Bytes seen) {
  const ClientHello hello = read_client_hello(seen);
  switch (hello.state) {
    case ClientHello::State::more:
      return {};
    case ClientHello::State::wrong:
      return {ServerName::State::none, {}};
    case ClientHello::State::whole:
      break;
  }
  return {ServerName::State::whole, name_of_hello(joined(seen.first(hello.length)))};
}

}  // namespace kerbgate::login
