#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kerbgate::hs2 {

/// The field ids that lead from a message's body to a text: structs all the way, then the text.
struct Path {
  std::array<std::int16_t, 5> fields{};
  std::size_t depth = 0;  ///< 0: there is none
  std::size_t shortest = 0, longest = 0;
};

/// Where handles stand in a call and in its answer. Of HiveServer2's (TCLIService.thrift, ImpalaService.thrift) the 16
/// octets of the guid, which is not the secret; of beeswax' the query's id, a text of at most 64 octets.
struct Method {
  std::string_view name;
  Path asks;     ///< in the call: whose session or operation it is about
  Path answers;  ///< in the reply: what it has made
};

/// A method that is not known here asks as most of HiveServer2's do and makes nothing.
const Method& method(std::string_view name);

/// The reply to OpenSession has a place for an error; other calls are answered by an exception.
inline constexpr std::string_view kOpenSession = "OpenSession";

}  // namespace kerbgate::hs2
