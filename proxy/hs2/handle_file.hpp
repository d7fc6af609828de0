#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "hs2/handles.hpp"
#include "kerbgate/result.hpp"

/// The form in which handles outlive the process, version 1. Numbers are big-endian:
///     "kerbgate" "handles\n"       16 octets
///     version                      u32, 1
///     servers, handles             u32, u32: how many of each
///     a server                     u16 length, host:port
///     a handle                     u8 length, its public half, u16 server, u64 last use (seconds since 1970),
///                                  u32 seconds that it is good for after that
///     checksum                     u32, CRC-32 of all before it
/// Pure, fuzzed.
namespace kerbgate::hs2 {

/// Beyond it no file of this form can be.
inline constexpr std::size_t kLargestHandleFile = std::size_t{16} << 20;

/// The kMost that were used last.
std::vector<std::uint8_t> encode(std::vector<Handles::Known> known, std::chrono::system_clock::time_point now);

/// All of it or nothing. What has expired by `now` is left out; a use that `now` is not to have seen yet counts as one
/// of now. Errc::unsupported: the bytes are no such file, not even a damaged one, or a later version's.
Result<std::vector<Handles::Known>> decode(std::span<const std::uint8_t> bytes,
                                           std::chrono::system_clock::time_point now);

/// One of two: of a handle that both know, the later use.
std::vector<Handles::Known> joined(std::vector<Handles::Known> one, std::vector<Handles::Known> other);

}  // namespace kerbgate::hs2
