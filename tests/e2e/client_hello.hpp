#pragma once

#include <string>

namespace kerbgate::e2e {

inline std::string sized(const std::string& content, int octets) {
  std::string out;
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) out += char(content.size() >> shift);
  return out + content;
}

/// A TLS 1.3 ClientHello in one record that asks for `name`; empty: for none. What is in it but the name is of no use.
inline std::string client_hello(const std::string& name) {
  const std::string version("\x03\x03"), versions("\x00\x2b\x00\x03\x02\x03\x04", 7);
  const std::string server_name =
      name.empty() ? "" : std::string("\0\0", 2) + sized(sized(std::string(1, '\0') + sized(name, 2), 2), 2);
  const std::string body = version + std::string(32, 'r') + sized(std::string(32, 's'), 1) +
                           sized("\x13\x01\x13\x02", 2) + sized(std::string(1, '\0'), 1) +
                           sized(server_name + versions, 2);
  return std::string("\x16\x03\x01") + sized("\x01" + sized(body, 3), 2);
}

}  // namespace kerbgate::e2e
