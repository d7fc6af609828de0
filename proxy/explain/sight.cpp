#include "explain/sight.hpp"

#include <algorithm>

namespace kerbgate::explain {

using config::Backend;
using config::Bind;
using config::Frontend;
using config::Server;

std::vector<const Frontend*> Sight::listeners() const {
  std::vector<const Frontend*> out;
  for (const Frontend& front : config_.frontends)
    if (!front.disabled && !front.stats.enabled) out.push_back(&front);
  return out;
}

std::vector<const Frontend*> Sight::pages() const {
  std::vector<const Frontend*> out;
  for (const Frontend& front : config_.frontends)
    if (!front.disabled && front.stats.enabled) out.push_back(&front);
  return out;
}

std::vector<const Backend*> Sight::behind(const Frontend& front) const {
  std::vector<const Backend*> out;
  const auto add = [&](const std::string& name) {
    const Backend* backend = config_.backend(name);
    if (backend != nullptr && std::find(out.begin(), out.end(), backend) == out.end()) out.push_back(backend);
  };
  for (const config::Route& route : front.routes) add(route.backend);
  if (!front.default_backend.empty()) add(front.default_backend);
  return out;
}

std::vector<const Backend*> Sight::used() const {
  std::vector<const Backend*> out;
  for (const Frontend* front : listeners())
    for (const Backend* backend : behind(*front))
      if (!backend->disabled && std::find(out.begin(), out.end(), backend) == out.end()) out.push_back(backend);
  return out;
}

bool Sight::to_impala(const Frontend& front) const {
  const auto all = behind(front);
  return !front.kerberos.fqdn.empty() ||
         std::any_of(all.begin(), all.end(), [](const Backend* backend) { return is_impala(*backend); });
}

bool Sight::to_port(const Frontend& front, std::uint16_t port) const {
  for (const Backend* backend : behind(front))
    if (!pick(*backend, [port](const Server& server) { return server.port == port; }).empty()) return true;
  return false;
}

bool is_impala(const Backend& backend) {
  return !pick(backend, [](const Server& server) {
            return server.port == kBeeswax || server.port == kHs2 || server.port == kHs2Http;
          }).empty();
}

bool is_local(const Bind& bind) {
  return !bind.path.empty() || bind.host == "::1" || bind.host == "localhost" || bind.host.rfind("127.", 0) == 0;
}

config::Position said_at(const config::Said& said, std::initializer_list<const char*> keywords,
                         const config::Position& otherwise) {
  for (const char* keyword : keywords)
    if (const auto found = said.find(keyword); found != said.end()) return found->second;
  return otherwise;
}

std::string where(const config::Position& at) {
  return at.line > 0 ? at.file + ':' + std::to_string(at.line) : at.file;
}

std::string span(config::Millis time) {
  struct Unit {
    std::int64_t ms;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}, {1, "ms"}};
  std::int64_t left = time.count();
  std::string out;
  for (const Unit& unit : kUnits) {
    if (left < unit.ms) continue;
    out += (out.empty() ? "" : " ") + std::to_string(left / unit.ms) + unit.name;
    left %= unit.ms;
  }
  return out.empty() ? "0" : out;
}

std::string names(const std::vector<std::string>& all) {
  constexpr std::size_t kShown = 4;
  std::string out;
  for (std::size_t i = 0; i < all.size() && i < kShown; ++i) out += (i == 0 ? "" : ", ") + all[i];
  if (all.size() > kShown) out += " and " + std::to_string(all.size() - kShown) + " more";
  return out;
}

void add_for(std::vector<Advice>& out, const std::string& name, Advice advice) {
  const std::string mine = "'" + name + "'";
  for (Advice& other : out) {
    if (where(other.at) != where(advice.at) || !other.what.ends_with(": " + advice.what)) continue;
    other.what.insert(other.what.size() - advice.what.size() - 2, ", " + mine);
    return;
  }
  advice.what = mine + ": " + advice.what;
  out.push_back(std::move(advice));
}

std::string title(const Backend& backend, const std::vector<const Server*>& servers) {
  std::vector<std::string> all;
  for (const Server* server : servers) all.push_back(server->name);
  return (all.size() == 1 ? "server " : "servers ") + names(all) + " of '" + backend.name + "'";
}

}  // namespace kerbgate::explain
