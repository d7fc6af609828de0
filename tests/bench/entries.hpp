#pragma once

#include <cstdint>
#include <string>

#include "kerbgate/keytab.hpp"

namespace bench {

/// impala/HOST@EXAMPLE.COM with a key of `octets` (32: AES-256, 16: AES-128) that is derived from the number.
inline kerbgate::keytab::Entry entry_of(const std::string& host, std::uint64_t number, std::size_t octets = 32) {
  kerbgate::keytab::Entry entry;
  entry.principal = {{"impala", host}, "EXAMPLE.COM", 1};
  entry.timestamp = 1700000000;
  entry.kvno = 2;
  entry.enctype = octets == 32 ? 18 : 17;
  entry.key = kerbgate::Secret(octets);
  for (std::size_t i = 0; i < octets; ++i) entry.key.writable()[i] = static_cast<std::uint8_t>(number >> (i % 8 * 8));
  return entry;
}

inline std::string host_name(std::uint64_t number) { return "host" + std::to_string(number) + ".example.com"; }

}  // namespace bench
