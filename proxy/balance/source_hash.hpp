#pragma once

#include <cstdint>
#include <string_view>

#include "kerbgate/resolver.hpp"

/// `balance source`: weighted rendezvous hashing in integers only. Every (client, server) pair draws a number; the
/// server with the smallest draw / weight takes the client. So no server's share depends on which others exist: taking
/// one away moves only its own clients, adding one moves only those it wins. The constants are part of the public
/// interface (docs/balancing.md): two proxies, two machines and two versions agree on every client.
namespace kerbgate::balance {

/// A bijection of 64 bits in which every input bit reaches every output bit (SplitMix64's finaliser, variant 13 of
/// D. Stafford).
constexpr std::uint64_t mix64(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// 64-bit FNV-1a of the server's key, mixed.
std::uint64_t server_hash(std::string_view key) noexcept;
/// The address as 16 bytes (IPv4 in its mapped form, so both ways of writing it agree), without scope.
std::uint64_t client_hash(const IpAddress& address) noexcept;

/// `balance principal`: what stands for the client's address. server_hash() of the principal is its first half, the
/// same mixed once more its second.
IpAddress principal_key(std::string_view principal) noexcept;

/// -log2(h / 2^64), h at least 1, in units of 2^-48, at least 1: exponentially distributed over uniform h.
std::uint64_t log_draw(std::uint64_t h) noexcept;
/// What the client draws for the server.
std::uint64_t draw(std::uint64_t client, std::uint64_t server) noexcept;
/// Whether draw a with weight wa (1 to 2^9) ranks before draw b with weight wb.
constexpr bool ranks_before(std::uint64_t a, std::uint32_t wa, std::uint64_t b, std::uint32_t wb) noexcept {
  return a * wb < b * wa;
}

}  // namespace kerbgate::balance
