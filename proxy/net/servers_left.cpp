#include "net/servers_left.hpp"

namespace kerbgate::net {

std::pair<std::uint32_t, std::uint32_t> count_left(const LiveBackend& backend) {
  std::uint32_t active = 0, backup = 0;
  const std::vector<balance::ServerView> views = backend.pool->view();
  for (std::size_t i = 0; i < views.size(); ++i)
    if (views[i].up && views[i].admin == balance::Admin::ready) ++(backend.conf.servers[i].backup ? backup : active);
  return {active, backup};
}

std::string servers_left(const LiveBackend& backend, balance::ServerIndex server) {
  const auto [active, backup] = count_left(backend);
  const balance::ServerView view = backend.pool->view_of(server);
  return std::to_string(active) + " active and " + std::to_string(backup) + " backup servers left. " +
         std::to_string(view.current) + " sessions active, 0 requeued, " + std::to_string(view.queued) +
         " remaining in queue.";
}

}  // namespace kerbgate::net
