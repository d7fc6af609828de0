#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "explain/explain.hpp"

/// A configuration as those see it who look for what is unwise, and the words they share.
namespace kerbgate::explain {

inline constexpr std::uint16_t kBeeswax = 21000, kHs2 = 21050, kHs2Http = 28000;
/// fe_service_threads: how many clients an impalad serves at a port; whoever comes then waits in silence.
inline constexpr std::uint32_t kServiceThreads = 64;
/// What Cloudera asks of a balancer before Hue.
inline constexpr config::Millis kIdleSessions{6 * 3'600'000};

class Sight {
 public:
  Sight(const config::Config& config, const Outside& outside) : config_(config), outside_(outside) {}

  [[nodiscard]] const config::Config& config() const { return config_; }
  [[nodiscard]] const Outside& outside() const { return outside_; }

  /// Listeners that serve clients: neither disabled nor the stats page.
  [[nodiscard]] std::vector<const config::Frontend*> listeners() const;
  [[nodiscard]] std::vector<const config::Frontend*> pages() const;
  /// Where a listener's clients may get to.
  [[nodiscard]] std::vector<const config::Backend*> behind(const config::Frontend& front) const;
  /// Backends that some listener leads to.
  [[nodiscard]] std::vector<const config::Backend*> used() const;
  /// It leads to coordinators, as their ports or a fqdn tell.
  [[nodiscard]] bool to_impala(const config::Frontend& front) const;
  [[nodiscard]] bool to_port(const config::Frontend& front, std::uint16_t port) const;

 private:
  const config::Config& config_;
  const Outside& outside_;
};

bool is_impala(const config::Backend& backend);
/// Only this host can come there.
bool is_local(const config::Bind& bind);
/// Where one of these words was last said, else `otherwise`.
config::Position said_at(const config::Said& said, std::initializer_list<const char*> keywords,
                         const config::Position& otherwise);

std::string where(const config::Position& at);  ///< "lb.cfg:20"
std::string span(config::Millis time);          ///< "5s", "12h", "1h 30m"
/// "c1, c2, c3 and 4 more"
std::string names(const std::vector<std::string>& all);
/// "'impala': WHAT"; where that was said of this place already, it is said of the other, too: "'impala', 'hue': WHAT".
void add_for(std::vector<Advice>& out, const std::string& name, Advice advice);
/// Those servers that `which` picks.
template <class Which>
std::vector<const config::Server*> pick(const config::Backend& backend, Which which) {
  std::vector<const config::Server*> out;
  for (const config::Server& server : backend.servers)
    if (which(server)) out.push_back(&server);
  return out;
}
/// "server c1" or "servers c1, c2" and the backend's name.
std::string title(const config::Backend& backend, const std::vector<const config::Server*>& servers);

}  // namespace kerbgate::explain
