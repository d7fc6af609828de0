#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

/// What a configuration does, in an Impala operator's words, and what is unwise in it. Pure.
namespace kerbgate::explain {

/// What the text cannot tell: what the host says of the names and files in it. By name; the value says why.
struct Outside {
  std::map<std::string, std::string> unresolved;  ///< hosts without an address
  std::map<std::string, std::string> keytabs;     ///< files that cannot be read as keytabs
};

/// One thing that is unwise.
struct Advice {
  config::Position at;
  std::string what, remedy;
};

/// One thing that is looked for.
struct Look {
  std::string_view name;
  void (*find)(const class Sight&, std::vector<Advice>&);
};
std::span<const Look> client_looks();     ///< listeners and who comes to them
std::span<const Look> server_looks();     ///< servers, checks, timeouts
std::span<const Look> operation_looks();  ///< statistics, runtime sockets, logs

/// All of them, in that order.
std::vector<Look> all_looks();
/// What all of them find, in the order of the text.
std::vector<Advice> advise(const config::Config& config, const Outside& outside);

/// The whole of `--explain`: each listener with what it leads to, then the advice with its places.
std::string explain(const config::Config& config, const Outside& outside);

}  // namespace kerbgate::explain
