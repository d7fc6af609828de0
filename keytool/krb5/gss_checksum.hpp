#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace kerbgate {

/// The authenticator's "checksum" of type 0x8003 (RFC 4121 section 4.1.1): what a GSSAPI initiator asks for.
struct GssChecksum {
  std::uint32_t flags = 0;
  bool delegates = false;  ///< credentials stand in it
};

constexpr std::int32_t kGssChecksumType = 0x8003;
constexpr std::uint32_t kGssDelegate = 1, kGssMutual = 2, kGssDceStyle = 0x1000;

/// Pure. nullopt when it is not of that form. Channel bindings are passed over, as an acceptor without any does.
std::optional<GssChecksum> read_gss_checksum(std::span<const std::uint8_t> contents);

}  // namespace kerbgate
