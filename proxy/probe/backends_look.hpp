#pragma once

#include "config/resolvers.hpp"
#include "probe/backends_answer.hpp"

namespace kerbgate::probe {

/// What became of the question to one web page.
struct BackendsLook {
  enum class End : std::uint8_t {
    listed,
    silent,   ///< no answer in time
    refused,  ///< no connection, or no password that it takes
    failed,   ///< the answer is no list of coordinators, or cannot be trusted
  };
  End end = End::failed;
  std::vector<Coordinator> coordinators{};  ///< when listed
  std::string words{};                      ///< "3 coordinators", or what is wrong and what to do
};

/// Asks once, within the limit. Blocks.
BackendsLook look_at_backends(const config::BackendsPage& page, std::chrono::milliseconds limit, Resolver& resolver);

}  // namespace kerbgate::probe
