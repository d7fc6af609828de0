#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// What impalad's web page says, from its bytes. Pure.
namespace kerbgate::probe {

/// `/?json`: whether the daemon is being shut down; nullopt when the text does not say.
std::optional<bool> is_quiescing(std::string_view json);

/// `/jsonmetrics` or `/metrics_prometheus`: impala-server.num-queries-registered, the queries of which this daemon is
/// the coordinator, those included that only wait to be closed.
std::optional<std::uint32_t> registered_queries(std::string_view metrics);

}  // namespace kerbgate::probe
