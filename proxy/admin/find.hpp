#pragma once

#include <memory>
#include <optional>
#include <string>

#include "admin/site.hpp"

/// `backend/server` and the like, looked up; the errors are HAProxy's words.
namespace kerbgate::admin {

struct ServerPlace {
  std::shared_ptr<net::LiveBackend> backend;
  balance::ServerIndex index = balance::kNoServer;
  [[nodiscard]] net::LiveServer& server() const { return backend->servers[index]; }
  [[nodiscard]] const config::Server& conf() const { return backend->conf.servers[index]; }
};

/// `error` is set when nothing is found.
std::optional<ServerPlace> find_server(const Site& site, const std::string& name, std::string& error);
std::shared_ptr<net::LiveBackend> find_backend(const Site& site, const std::string& name);
std::shared_ptr<net::LiveFrontend> find_frontend(const Site& site, const std::string& name);

}  // namespace kerbgate::admin
