#include "admin/find.hpp"

namespace kerbgate::admin {

std::shared_ptr<net::LiveBackend> find_backend(const Site& site, const std::string& name) {
  for (const auto& backend : site.generation().backends)
    if (backend->conf.name == name) return backend;
  return nullptr;
}

std::shared_ptr<net::LiveFrontend> find_frontend(const Site& site, const std::string& name) {
  for (const auto& frontend : site.generation().frontends)
    if (frontend->conf.name == name) return frontend;
  return nullptr;
}

std::optional<ServerPlace> find_server(const Site& site, const std::string& name, std::string& error) {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) {
    error = "Require 'backend/server'.\n";
    return std::nullopt;
  }
  ServerPlace place{find_backend(site, name.substr(0, slash)), balance::kNoServer};
  if (!place.backend) {
    error = "No such backend.\n";
    return std::nullopt;
  }
  for (std::size_t i = 0; i < place.backend->servers.size(); ++i)
    if (place.backend->servers[i].name == name.substr(slash + 1)) {
      place.index = balance::ServerIndex(i);
      return place;
    }
  error = "No such server.\n";
  return std::nullopt;
}

}  // namespace kerbgate::admin
