// Servers: whether they are watched, how much they are given, how long they may be silent.
#include <algorithm>
#include <set>

#include "explain/sight.hpp"

namespace kerbgate::explain {
namespace {

using config::Backend;
using config::Balance;
using config::Server;

void server_timeout(const Sight& sight, std::vector<Advice>& out) {
  for (const Backend* backend : sight.used()) {
    if (!is_impala(*backend)) continue;
    const bool tunnel = backend->tunnel_timeout.count() != 0;
    const config::Millis limit = tunnel ? backend->tunnel_timeout : backend->server_timeout;
    if (limit.count() == 0 || limit >= kIdleSessions) continue;
    const std::string word = tunnel ? "timeout tunnel" : "timeout server";
    add_for(out, backend->name,
            {tunnel ? said_at(backend->said, {"timeout tunnel"}, backend->at)
                    : said_at(backend->said, {"timeout server", "srvtimeout"}, backend->at),
             "a coordinator that is silent for " + span(limit) +
                 " is given up: a query that computes for longer is cut off, and idle sessions with it",
             word + " 12h (6h at the least)"});
  }
}

void unchecked(const Sight& sight, std::vector<Advice>& out) {
  for (const Backend* backend : sight.used()) {
    const auto servers = pick(*backend, [](const Server& s) { return !s.check && !s.disabled; });
    if (servers.empty()) continue;
    const bool source = backend->balance == Balance::source;
    out.push_back({servers.front()->at,
                   title(*backend, servers) + (servers.size() == 1 ? " is" : " are") +
                       " not checked: one that is down " +
                       (source ? "stays the server of its clients (balance source), each of whom finds out anew"
                               : "is found out by each client anew"),
                   "check on the server lines, or default-server check"});
  }
}

void no_maxconn(const Sight& sight, std::vector<Advice>& out) {
  for (const Backend* backend : sight.used()) {
    if (!is_impala(*backend)) continue;
    const auto servers = pick(*backend, [](const Server& s) { return s.maxconn == 0 || s.maxconn > kServiceThreads; });
    if (servers.empty()) continue;
    const bool none = servers.front()->maxconn == 0;
    out.push_back({servers.front()->at,
                   title(*backend, servers) + (none ? ": no maxconn" : ": maxconn over 64") +
                       ". impalad serves 64 clients at a port (fe_service_threads), takes more and lets them wait "
                       "without a word for up to 5 minutes",
                   "maxconn 64 (the daemon's fe_service_threads), so that further clients queue here and go where "
                   "there is room"});
  }
}

void backups_alone(const Sight& sight, std::vector<Advice>& out) {
  for (const Backend* backend : sight.used()) {
    const auto& all = backend->servers;
    if (all.size() > 1 && std::all_of(all.begin(), all.end(), [](const Server& s) { return s.backup; }))
      out.push_back({all.front().at,
                     "all servers of '" + backend->name + "' are backups: the first that is up takes all the load",
                     "backup only on those that are to wait"});
  }
}

void no_retries(const Sight& sight, std::vector<Advice>& out) {
  for (const Backend* backend : sight.used())
    if (backend->retries == 0 && backend->servers.size() > 1)
      out.push_back({said_at(backend->said, {"retries"}, backend->at),
                     "'" + backend->name +
                         "' never tries a second server (retries 0): a coordinator that restarts costs "
                         "clients their connection",
                     "retries 3"});
}

void no_redispatch(const Sight& sight, std::vector<Advice>& out) {
  for (const Backend* backend : sight.used())
    if (!backend->redispatch && backend->retries > 0 && backend->servers.size() > 1)
      out.push_back({said_at(backend->said, {"option redispatch"}, backend->at),
                     "'" + backend->name + "' tries the same server again after a second when it cannot be reached",
                     "option redispatch: the next server at once"});
}

void mixed_ports(const Sight& sight, std::vector<Advice>& out) {
  for (const Backend* backend : sight.used()) {
    std::set<std::uint16_t> ports;
    for (const Server& server : backend->servers)
      if (server.port == kBeeswax || server.port == kHs2 || server.port == kHs2Http) ports.insert(server.port);
    if (ports.size() < 2) continue;
    std::string list;
    for (const std::uint16_t port : ports) list += (list.empty() ? "" : " and ") + std::to_string(port);
    out.push_back({backend->at,
                   "'" + backend->name + "' has servers at ports " + list +
                       ": different protocols, so that a client gets through by luck",
                   "one backend for each protocol"});
  }
}

void unresolved(const Sight& sight, std::vector<Advice>& out) {
  for (const auto& [host, why] : sight.outside().unresolved) {
    std::vector<std::string> of;
    config::Position at;
    for (const Backend* backend : sight.used())
      for (const Server& server : backend->servers) {
        if (server.host != host) continue;
        if (of.empty()) at = server.at;
        of.push_back(backend->name + '/' + server.name);
      }
    if (!of.empty())
      out.push_back(
          {at,
           host + " has no address here (" + why + "): " + names(of) + (of.size() == 1 ? " stays" : " stay") + " down",
           "the name as DNS has it"});
  }
}

void unverified(const Sight& sight, std::vector<Advice>& out) {
  for (const Backend* backend : sight.used()) {
    const auto servers =
        pick(*backend, [](const Server& s) { return s.tls.on && s.tls.verify == config::TlsVerify::none; });
    if (!servers.empty())
      out.push_back({servers.front()->at,
                     title(*backend, servers) + ": their certificates are not looked at (verify "
                                                "none), so that anyone may be the coordinator",
                     "verify required ca-file FILE"});
  }
}

void any_name(const Sight& sight, std::vector<Advice>& out) {
  for (const Backend* backend : sight.used()) {
    const auto servers = pick(*backend, [](const Server& s) {
      return s.tls.on && s.tls.verify != config::TlsVerify::none && s.tls.verifyhost.empty() && s.tls.sni.empty() &&
             !s.tls.sni_of_client;
    });
    if (!servers.empty())
      out.push_back({servers.front()->at,
                     title(*backend, servers) + ": any certificate that the CA has signed does, for "
                                                "whatever host",
                     "verifyhost NAME, or sni str(NAME)"});
  }
}

constexpr Look kLooks[] = {
    {"server-timeout", server_timeout}, {"unchecked", unchecked},        {"maxconn", no_maxconn},
    {"backups-alone", backups_alone},   {"no-retries", no_retries},      {"no-redispatch", no_redispatch},
    {"mixed-ports", mixed_ports},       {"unresolved-name", unresolved}, {"unverified-server", unverified},
    {"any-certificate", any_name},
};

}  // namespace

std::span<const Look> server_looks() { return kLooks; }

}  // namespace kerbgate::explain
