// Listeners and who comes to them.
#include <algorithm>

#include "explain/sight.hpp"

namespace kerbgate::explain {
namespace {

using config::Backend;
using config::Balance;
using config::Bind;
using config::Frontend;
using config::Login;

void client_timeout(const Sight& sight, std::vector<Advice>& out) {
  for (const Frontend* front : sight.listeners()) {
    const auto backends = sight.behind(*front);
    const bool tunnels =
        std::all_of(backends.begin(), backends.end(), [](const Backend* b) { return b->tunnel_timeout.count() != 0; });
    if (!sight.to_impala(*front) || tunnels || front->client_timeout.count() == 0 ||
        front->client_timeout >= kIdleSessions)
      continue;
    add_for(out, front->name,
            {said_at(front->said, {"timeout client", "clitimeout"}, front->at),
             "clients that are silent for " + span(front->client_timeout) +
                 " are cut off: a query that computes for longer, and Hue's idle sessions, are lost",
             "timeout client 12h (6h at the least)"});
  }
}

void shared_listener(const Sight& sight, std::vector<Advice>& out) {
  std::vector<const Frontend*> impala;
  for (const Frontend* front : sight.listeners())
    if (sight.to_impala(*front)) impala.push_back(front);
  if (impala.size() != 1) return;
  const Frontend& only = *impala.front();
  const auto backends = sight.behind(only);
  if (backends.size() != 1 || only.kerberos.effective_login() == Login::late) return;
  const Backend& backend = *backends.front();
  const bool keeps =
      backend.balance == Balance::source || backend.balance == Balance::principal || !backend.sticks.empty();
  out.push_back(
      {only.at,
       "'" + only.name + "' is the only listener, for Hue and shells alike: " +
           (keeps ? "all who come from one address share one coordinator, however busy it is"
                  : "Hue and many JDBC tools spread one session over several connections, which then meet different "
                    "coordinators (Invalid query handle)"),
       "two listeners to the same servers: one with balance leastconn for impala-shell and jobs, one with balance "
       "source for Hue, JDBC and ODBC"});
}

void hue_without_source(const Sight& sight, std::vector<Advice>& out) {
  std::vector<const Frontend*> hs2;
  bool kept = false;
  std::size_t impala = 0;
  for (const Frontend* front : sight.listeners()) {
    impala += sight.to_impala(*front) ? 1 : 0;
    if (!sight.to_port(*front, kHs2)) continue;
    hs2.push_back(front);
    kept = kept || front->kerberos.effective_login() == Login::late;
    for (const Backend* backend : sight.behind(*front))
      kept = kept || backend->balance == Balance::source || backend->balance == Balance::principal ||
             !backend->sticks.empty();
  }
  if (hs2.empty() || kept || impala < 2) return;  // a single listener has advice of its own
  out.push_back({hs2.front()->at,
                 "no listener to port 21050 keeps a client with one coordinator: Hue and many JDBC tools spread one "
                 "session over several connections (Invalid query handle)",
                 "balance source in one of them, for Hue, JDBC and ODBC"});
}

void http_mode(const Sight& sight, std::vector<Advice>& out) {
  for (const Frontend* front : sight.listeners())
    if (front->mode == config::Mode::http && (sight.to_port(*front, kBeeswax) || sight.to_port(*front, kHs2)))
      out.push_back({said_at(front->said, {"mode"}, front->at),
                     "'" + front->name +
                         "' is in mode http, and Impala's ports speak Thrift: HAProxy would break "
                         "every login with 400 Bad request; here bytes are relayed unread and no login is looked at",
                     "mode tcp"});
}

void beeswax(const Sight& sight, std::vector<Advice>& out) {
  for (const Backend* backend : sight.used()) {
    const auto servers = pick(*backend, [](const auto& server) { return server.port == kBeeswax; });
    if (servers.empty()) continue;
    out.push_back({servers.front()->at,
                   title(*backend, servers) +
                       ": port 21000 is Beeswax, and impala-shell speaks HS2 since Impala 4.0: " +
                       "only clients with --protocol=beeswax get through",
                   "port 21050, or a second listener for it"});
  }
}

void accept_proxy(const Sight& sight, std::vector<Advice>& out) {
  for (const Frontend* front : sight.listeners())
    for (const Bind& bind : front->binds)
      if (bind.accept_proxy && !is_local(bind))
        out.push_back(
            {bind.at,
             "accept-proxy on " + bind.key() +
                 " believes everyone who connects: whoever reaches the port may "
                 "claim any address, past src rules and in the log",
             "tcp-request connection expect-proxy layer4 if { src ADDRESSES OF YOUR BALANCERS } in its place"});
}

void no_fqdn(const Sight& sight, std::vector<Advice>& out) {
  const Frontend* first = nullptr;
  for (const Frontend* front : sight.listeners()) {
    if (front->mode != config::Mode::tcp || !sight.to_impala(*front) || !front->kerberos.fqdn.empty() ||
        front->tls_passthrough || front->said.contains("kerberos login"))
      continue;
    if (first == nullptr) first = front;
    add_for(out, front->name,
            {first->at,
             "no name of its own (kerberos fqdn): logins are passed on unread, so a silent client holds one of a "
             "coordinator's two login threads, a coordinator with a stale keytab is not passed over, and nobody is "
             "told why a login failed",
             "kerberos fqdn NAME in global: the name that clients connect to"});
  }
}

void no_keytab(const Sight& sight, std::vector<Advice>& out) {
  for (const Frontend* front : sight.listeners()) {
    const config::Kerberos& kerberos = front->kerberos;
    if (kerberos.fqdn.empty()) continue;
    const Login login = kerberos.effective_login();
    const config::Position at =
        said_at(front->said, {"kerberos keytab", "kerberos fqdn"},
                said_at(sight.config().global.said, {"kerberos keytab", "kerberos fqdn"}, front->at));
    const auto broken = sight.outside().keytabs.find(kerberos.keytab);
    if (kerberos.keytab.empty() && (login == Login::verify || login == Login::late))
      out.push_back({at, "'" + front->name + "' is to read tickets and has no keytab to read them with",
                     "kerberos keytab FILE, which holds " + kerberos.effective_principals().front()});
    else if (!kerberos.keytab.empty() && broken != sight.outside().keytabs.end())
      out.push_back({at, "the keytab of '" + front->name + "' cannot be used: " + broken->second,
                     "keytool read " + kerberos.keytab + " says what is wrong with it"});
  }
}

void plain_in_clear(const Sight& sight, std::vector<Advice>& out) {
  for (const Frontend* front : sight.listeners()) {
    const bool clear = std::any_of(front->binds.begin(), front->binds.end(), [](const Bind& b) { return !b.tls.on; });
    if (front->kerberos.plain_in_clear && clear)
      out.push_back({said_at(front->said, {"kerberos mechanisms"}, front->at),
                     "'" + front->name + "' takes PLAIN logins without TLS: passwords cross the network in clear",
                     "ssl crt FILE on its bind lines, and no plain-in-clear"});
  }
}

void old_tls(const Sight& sight, std::vector<Advice>& out) {
  for (const Frontend* front : sight.listeners())
    for (const Bind& bind : front->binds)
      if (bind.tls.on && bind.tls.least && *bind.tls.least < config::TlsVersion::v1_2)
        out.push_back({bind.at, "TLS older than 1.2 is taken on " + bind.key() + ": it is broken",
                       "no ssl-min-ver (1.2 is the least then)"});
}

constexpr Look kLooks[] = {
    {"client-timeout", client_timeout},
    {"shared-listener", shared_listener},
    {"hue-without-source", hue_without_source},
    {"http-mode", http_mode},
    {"beeswax", beeswax},
    {"accept-proxy", accept_proxy},
    {"no-fqdn", no_fqdn},
    {"no-keytab", no_keytab},
    {"plain-in-clear", plain_in_clear},
    {"old-tls", old_tls},
};

}  // namespace

std::span<const Look> client_looks() { return kLooks; }

}  // namespace kerbgate::explain
