#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// Bytes of a state file, made damaged on purpose.
namespace kerbgate::hs2::fixture {

/// With the checksum that fits (CRC-32, by the bit).
inline std::vector<std::uint8_t> sealed(std::vector<std::uint8_t> bytes) {
  std::uint32_t crc = 0xffffffff;
  for (std::size_t i = 0; i + 4 < bytes.size(); ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
  }
  for (std::size_t i = 0; i < 4; ++i) bytes[bytes.size() - 4 + i] = std::uint8_t(~crc >> (24 - 8 * i));
  return bytes;
}

}  // namespace kerbgate::hs2::fixture
