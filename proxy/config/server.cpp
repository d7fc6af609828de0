#include "config/server.hpp"

#include <algorithm>

#include "config/address.hpp"
#include "config/server_dns.hpp"
#include "config/tls.hpp"
#include "kerbgate/resolver.hpp"

namespace kerbgate::config {
namespace {

using Use = OptionUse<Server>;

template <auto Field>
void set_timing(const Use& use) {
  if (const auto time = use.place.time(use.args[0], false)) use.target.timing.*Field = *time;
}
template <auto Field>
void set_count(const Use& use) {
  if (const auto n = use.place.number(use.args[0], 1, 100'000)) use.target.timing.*Field = static_cast<int>(*n);
}
template <auto Field>
void set_limit(const Use& use) {
  if (const auto n = use.place.number(use.args[0], 0, kMostConnections))
    use.target.*Field = static_cast<std::uint32_t>(*n);
}
void set_weight(const Use& use) {
  if (const auto n = use.place.number(use.args[0], 0, 256)) use.target.weight = static_cast<std::uint32_t>(*n);
}
void set_check_port(const Use& use) {
  if (const auto n = use.place.number(use.args[0], 1, 65535)) use.target.check_port = static_cast<std::uint16_t>(*n);
}
void set_check_host(const Use& use) {
  auto host = parse_host(use.args[0].text);
  if (!host) return use.place.alert(use.args[0], host.error().what);
  use.target.check_host = std::move(*host);
}
void set_slowstart(const Use& use) {
  if (const auto time = use.place.time(use.args[0], true)) use.target.slowstart = *time;
}
void check_count(const Use& use) { (void)use.place.number(use.args[0], 0, kMostConnections); }

void set_on_marked_down(const Use& use) {
  if (use.args[0].text != "shutdown-sessions")
    return use.place.alert(use.args[0], "supports 'shutdown-sessions', not " + quoted(use.args[0].text));
  use.target.shutdown_on_down = true;
}
void set_on_error(const Use& use) {
  static constexpr std::pair<std::string_view, OnError> kKnown[] = {{"fastinter", OnError::fastinter},
                                                                    {"fail-check", OnError::fail_check},
                                                                    {"sudden-death", OnError::sudden_death},
                                                                    {"mark-down", OnError::mark_down}};
  for (const auto& [name, value] : kKnown)
    if (use.args[0].text == name) return void(use.target.on_error = value);
  use.place.alert(use.args[0],
                  "supports fastinter, fail-check, sudden-death and mark-down, not " + quoted(use.args[0].text));
}
void set_error_limit(const Use& use) {
  if (const auto n = use.place.number(use.args[0], 1, 100'000)) use.target.error_limit = static_cast<int>(*n);
}
void set_source(const Use& use) {
  if (const auto source = read_source(use.place, use.args[0])) use.target.source = *source;
}
void set_observe(const Use& use) {
  if (use.args[0].text != "layer4" && use.args[0].text != "layer7")
    return use.place.alert(use.args[0], "supports 'layer4', not " + quoted(use.args[0].text));
  use.target.observe = true;
}

void tls_off(const Use& use) { use.target.tls = Tls{}; }
template <bool Value>
void set_check_tls(const Use& use) {
  use.target.check_tls = Value;
}
void set_check_alpn(const Use& use) {
  if (auto names = parse_alpn(use.place, use.args[0])) use.target.check_alpn = std::move(*names);
}
void set_track(const Use& use) {
  const std::string& text = use.args[0].text;
  const std::size_t slash = text.find('/');
  use.target.track_backend = slash == std::string::npos ? "" : text.substr(0, slash);
  use.target.track_server = slash == std::string::npos ? text : text.substr(slash + 1);
  if (use.target.track_server.empty() || slash == 0)
    use.place.alert(use.args[0], "expects [BACKEND/]SERVER (got " + quoted(text) + ")");
}
void set_crt(const Use& use) { use.target.tls.crt = {use.args[0].text}; }
void set_sni(const Use& use) {
  const std::string& text = use.args[0].text;
  Tls& tls = use.target.tls;
  tls.sni_of_client = text == "ssl_fc_sni";
  if (tls.sni_of_client) return;
  if (!text.starts_with("str(") || !text.ends_with(')') || text.size() < 6)
    return use.place.alert(use.args[0], "supports str(NAME) and ssl_fc_sni (got " + quoted(text) + ")");
  tls.sni = text.substr(4, text.size() - 5);
}

constexpr Option<Server> kOptions[] = {
    {"check", "", State::working, 0, set_flag<&Server::check, true, Server>,
     "connect regularly to see whether it is there", ""},
    {"no-check", "", State::working, 0, set_flag<&Server::check, false, Server>, "take back a default-server's check",
     ""},
    {"inter", "TIME", State::working, 1, set_timing<&CheckTiming::inter>, "between checks (2s)", ""},
    {"fastinter", "TIME", State::working, 1, set_timing<&CheckTiming::fastinter>,
     "between checks while it is changing (inter)", ""},
    {"downinter", "TIME", State::working, 1, set_timing<&CheckTiming::downinter>,
     "between checks while it is down (inter)", ""},
    {"rise", "N", State::working, 1, set_count<&CheckTiming::rise>, "good checks until it is up (2)", ""},
    {"fall", "N", State::working, 1, set_count<&CheckTiming::fall>, "bad checks until it is down (3)", ""},
    {"port", "PORT", State::working, 1, set_check_port, "check this port", ""},
    {"addr", "HOST", State::working, 1, set_check_host, "check this host", ""},
    {"weight", "0-256", State::working, 1, set_weight, "its share (1); 0: no new connections", ""},
    {"backup", "", State::working, 0, set_flag<&Server::backup, true, Server>, "used only when no other server is up",
     ""},
    {"no-backup", "", State::working, 0, set_flag<&Server::backup, false, Server>,
     "take back a default-server's backup", ""},
    {"maxconn", "N", State::working, 1, set_limit<&Server::maxconn>,
     "connections at once; further ones queue; 0: no limit", ""},
    {"maxqueue", "N", State::working, 1, set_limit<&Server::maxqueue>, "connections that may queue for it; 0: no limit",
     ""},
    {"slowstart", "TIME", State::working, 1, set_slowstart, "after it came up, time to reach its full weight", ""},
    {"disabled", "", State::working, 0, set_flag<&Server::disabled, true, Server>, "starts in maintenance", ""},
    {"enabled", "", State::working, 0, set_flag<&Server::disabled, false, Server>,
     "take back a default-server's disabled", ""},
    {"init-addr", "libc,none,ADDRESS", State::working, 1, set_init_addr,
     "how its address is found at start (libc, and down without one); none: not at all; last: a note", ""},
    {"on-marked-down", "shutdown-sessions", State::working, 1, set_on_marked_down,
     "when it goes down its connections are cut off", ""},
    {"observe", "layer4", State::working, 1, set_observe, "count connections that fail to reach it; with check", ""},
    {"error-limit", "N", State::working, 1, set_error_limit, "so many in a row do what on-error says (10)", ""},
    {"on-error", "fastinter|fail-check|sudden-death|mark-down", State::working, 1, set_on_error,
     "check sooner, count as a failed check, as the last but one, or mark it down (fastinter)", ""},
    {"resolvers", "NAME", State::working, 1, set_text<&Server::resolvers, Server>,
     "look its name up while the proxy runs, by this section", ""},
    {"resolve-prefer", "ipv4|ipv6", State::working, 1, set_resolve_prefer,
     "the family that is taken where a name has both (ipv6)", ""},
    {"resolve-opts", "LIST", State::working, 1, set_resolve_opts,
     "allow-dup-ip, prevent-dup-ip (default), ignore-weight (of SRV)", ""},
    {"resolve-net", "NETWORK[,...]", State::not_yet, 1, nullptr, "the networks whose addresses are taken first",
     "addresses are taken in their own order"},
    {"source", "ADDRESS[:PORT]", State::working, 1, set_source, "connect from this address", ""},
    {"track", "[BACKEND/]SERVER", State::working, 1, set_track, "its state is that server's, in place of a check", ""},
    {"spn", "PRINCIPAL", State::working, 1, set_text<&Server::spn, Server>,
     "the principal that option kerberos-check logs in for (that of the listener)", ""},
    {"ssl", "", State::working, 0, tls_on<Server>, "TLS towards it", ""},
    {"no-ssl", "", State::working, 0, tls_off, "take back a default-server's ssl", ""},
    {"check-ssl", "", State::working, 0, set_check_tls<true>, "checks by a TLS handshake, whatever connections do", ""},
    {"no-check-ssl", "", State::working, 0, set_check_tls<false>, "checks without TLS, whatever connections do", ""},
    {"check-sni", "NAME", State::working, 1, set_text<&Server::check_sni, Server>, "name to ask for in checks by TLS",
     ""},
    {"check-alpn", "LIST", State::working, 1, set_check_alpn, "protocols to offer in checks by TLS", ""},
    {"check-proto", "NAME", State::note, 1, nullptr, "checks speak HTTP/1", ""},
    {"ca-file", "FILE", State::working, 1, set_tls<&Tls::ca_file, Server>, "who signs its certificate; @system-ca", ""},
    {"crl-file", "FILE", State::working, 1, set_tls<&Tls::crl_file, Server>, "revoked certificates", ""},
    {"verify", "none|required", State::working, 1, set_verify<Server>, "its certificate (required)", ""},
    {"verifyhost", "NAME", State::working, 1, set_tls<&Tls::verifyhost, Server>,
     "name in its certificate, where sni asks for none; without both no name is compared", ""},
    {"sni", "EXPRESSION", State::working, 1, set_sni, "name to ask for: str(NAME), or the client's: ssl_fc_sni", ""},
    {"crt", "FILE", State::working, 1, set_crt, "client certificate and key in one PEM file", ""},
    {"ciphers", "LIST", State::working, 1, set_tls<&Tls::ciphers, Server>, "up to TLS 1.2", ""},
    {"ciphersuites", "LIST", State::working, 1, set_tls<&Tls::ciphersuites, Server>, "TLS 1.3", ""},
    {"ssl-min-ver", "VERSION", State::working, 1, set_version<&Tls::least, Server>,
     "TLSv1.0, TLSv1.1, TLSv1.2 (default), TLSv1.3", ""},
    {"ssl-max-ver", "VERSION", State::working, 1, set_version<&Tls::most, Server>, "likewise; none by default", ""},
    {"alpn", "LIST", State::working, 1, set_alpn<Server>, "protocols to offer, with commas between", ""},
    {"no-ssl-reuse", "", State::working, 0, set_flag_of<&Tls::tickets, false, Server>, "every handshake in full", ""},
    {"send-proxy", "", State::working, 0, set_flag<&Server::send_proxy, true, Server>,
     "a PROXY header first, version 1", ""},
    {"send-proxy-v2", "", State::working, 0, set_flag<&Server::send_proxy_v2, true, Server>,
     "a PROXY header first, version 2", ""},
    {"check-send-proxy", "", State::working, 0, set_flag<&Server::check_send_proxy, true, Server>,
     "a PROXY header in checks too, which then are accepted connections", ""},
    {"no-send-proxy", "", State::working, 0, set_flag<&Server::send_proxy, false, Server>,
     "take back a default-server's send-proxy", ""},
    {"no-send-proxy-v2", "", State::working, 0, set_flag<&Server::send_proxy_v2, false, Server>,
     "take back a default-server's send-proxy-v2", ""},
    {"no-check-send-proxy", "", State::working, 0, set_flag<&Server::check_send_proxy, false, Server>,
     "take back a default-server's check-send-proxy", ""},
    {"minconn", "N", State::note, 1, check_count, "maxconn alone is the limit", ""},
    {"cookie", "VALUE", State::note, 1, nullptr, "HTTP only", ""},
    {"id", "N", State::note, 1, nullptr, "servers have names", ""},
    {"namespace", "NAME", State::note, 1, nullptr, "the proxy's own network namespace is used", ""},
};

/// The first character that a server's or section's name may not have, npos when all are right.
std::size_t bad_character(const std::string& name) {
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:");
}

}  // namespace

std::optional<SourceAddress> read_source(const Place& place, const Word& word) {
  SourceAddress out;
  std::string host = word.text;
  const std::size_t colon = host.rfind(':'), bracket = host.rfind(']');
  const bool has_port =
      colon != std::string::npos && (bracket == std::string::npos ? host.find(':') == colon : colon > bracket);
  if (has_port) {
    const auto port = place.number({host.substr(colon + 1), word.column}, 0, 65535);
    if (!port) return std::nullopt;
    out.port = static_cast<std::uint16_t>(*port);
    host.erase(colon);
  }
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "*" || host.empty()) host = "0.0.0.0";
  const Result<IpAddress> address = IpAddress::parse(host);
  if (!address) {
    place.alert(word, quoted(word.text) + " is not ADDRESS[:PORT] with a numeric address");
    return std::nullopt;
  }
  const bool any = std::all_of(address->bytes.begin(), address->bytes.end(), [](std::uint8_t b) { return b == 0; });
  if (!any || out.port != 0) out.host = address->str();
  return out;
}

std::span<const Option<Server>> server_options() { return kOptions; }

void change_template(const Statement& line) {
  apply_options(line.settings().server_template, server_options(), line.place, line.args);
}

std::optional<Server> read_server(const Statement& line, const Place& place, const Word& name,
                                  std::span<const Word> words) {
  if (const std::size_t bad = bad_character(name.text); bad != std::string::npos) {
    place.alert(name, "character " + quoted(name.text.substr(bad, 1)) + " is not permitted in a server's name");
    return std::nullopt;
  }
  const Word& address = words[0];
  Server server = line.settings().server_template;
  server.at = place.at(name);
  server.name = name.text;
  // An SRV record brings the port.
  const bool srv = address.text.starts_with('_') && address.text.find(':') == std::string::npos;
  const auto peer = parse_peer(srv ? address.text + ":1" : address.text);
  if (peer) {
    server.host = peer->host;
    server.port = srv ? std::uint16_t{0} : peer->port;
  } else {
    place.alert(address, peer.error().what);
  }
  apply_options(server, server_options(), place, words.subspan(1));
  if (server.observe && !server.check)
    place.warning(name, "'observe' does nothing without 'check': only a check brings a server back");
  return server;
}

void add_server(const Statement& line) {
  const Word& name = line.args[0];
  Proxy& proxy = line.proxy();
  const Place place{line.place.report, line.place.line, "'server " + proxy.name + "/" + name.text.substr(0, 80) + "'"};
  if (std::optional<Server> server = read_server(line, place, name, line.args.subspan(1)))
    proxy.servers.push_back(std::move(*server));
}

}  // namespace kerbgate::config
