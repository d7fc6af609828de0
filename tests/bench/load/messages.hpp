#pragma once

#include <cstdint>
#include <span>
#include <vector>

/// HiveServer2's OpenSession, in Thrift's frames.
namespace kerbgate::bench {

const std::vector<std::uint8_t>& open_session();
/// Each has a handle of its own.
std::vector<std::uint8_t> session_opened();
/// Octets of the message that stands first, its length among them; 0 when it is not whole.
std::size_t message_length(std::span<const std::uint8_t> bytes);

}  // namespace kerbgate::bench
