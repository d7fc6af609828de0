#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "check/script.hpp"
#include "config/resolvers.hpp"
#include "config/source.hpp"
#include "kerbgate/name.hpp"
#include "rules/access.hpp"
#include "rules/condition.hpp"
#include "rules/stick_table.hpp"

/// A configuration as plain values: what the text says after defaults, inheritance and dead forms are resolved. Made
/// once, never changed; a reload makes another.
namespace kerbgate::config {

using Millis = std::chrono::milliseconds;

struct LogTemplate;

/// Where each keyword was said last: "timeout client" and its line, perhaps one of a defaults section.
using Said = std::map<std::string, Position, std::less<>>;

enum class LogFormat { rfc3164, rfc5424, raw, short_, json };

struct LogTarget {
  enum class Kind { udp, unix_socket, out, err };
  Kind kind = Kind::udp;
  std::string address;  ///< host (an address or a name) or path
  std::uint16_t port = 514;
  std::size_t max_length = 1024;
  LogFormat format = LogFormat::rfc3164;
  int facility = 16;  ///< syslog number, local0 = 16
  int level = 7;      ///< only messages of this level and graver
  int min_level = 0;  ///< graver ones are sent as this
  /// A host that has to be looked up.
  [[nodiscard]] bool by_name() const;
  friend bool operator==(const LogTarget&, const LogTarget&) = default;
};

enum class TlsVersion { v1_0, v1_1, v1_2, v1_3 };
enum class TlsVerify { none, optional, required };

/// TLS of a bind line or towards a server. What is unset is taken from global, then from the defaults named here.
struct Tls {
  bool on = false;
  std::vector<std::string> crt;  ///< PEM files, and of a bind line folders of them; the first is the default
  std::string ca_file, crl_file, ciphers, ciphersuites;
  std::vector<std::string> alpn;
  std::optional<TlsVerify> verify;             ///< the peer's certificate; bind: none, server: required
  std::optional<TlsVersion> least, most;       ///< 1.2, and what OpenSSL has
  std::optional<bool> tickets, prefer_client;  ///< true; false: this side's order of ciphers
  bool strict_sni = false;                     ///< bind: a name that no certificate has is refused
  std::string verifyhost;                      ///< server: the name in its certificate
  std::string sni;                             ///< server: the name to ask for
  bool sni_of_client = false;                  ///< server: the name that the client asked for
  friend bool operator==(const Tls&, const Tls&) = default;
};

struct Bind {
  Position at;
  std::string host;  ///< empty: any address (IPv4, unless v4v6/v6only); numeric or a name
  std::uint16_t port = 0;
  std::string path;            ///< UNIX socket; host and port are then unused
  int inherited_fd = -1;       ///< `fd@N`
  std::string inherited_name;  ///< `fd@NAME`: sockets that the service manager hands over under that name
  std::string name;
  int backlog = 0;  ///< 0: the section's, else maxconn, else the system's
  std::uint32_t maxconn = 0;
  std::string interface;
  bool transparent = false, v6only = false, v4v6 = false, defer_accept = false;
  bool ipv6_any = false;  ///< `:::port`
  bool accept_proxy = false;
  Tls tls;

  /// What makes two binds the same socket: `10.0.0.1:25003`, `:21051`, `/run/x.sock`, `fd@3`, `fd@jdbc`, with `%IFACE`
  /// if any.
  [[nodiscard]] std::string key() const;
};

struct CheckTiming {
  Millis inter{2000}, fastinter{0}, downinter{0};  ///< 0: as inter
  int rise = 2, fall = 3;
};

/// TCP keepalive: probes after `idle` of silence, below the 350 s after which cloud balancers forget.
struct Keepalive {
  bool on = true;
  Millis idle{300'000}, interval{0};  ///< interval 0: the system's
  int count = 0;                      ///< probes without an answer until the connection is dead; 0: the system's
  friend bool operator==(const Keepalive&, const Keepalive&) = default;
};

/// Where connections to a server leave from.
struct SourceAddress {
  std::string host;  ///< numeric; empty: the system's choice
  std::uint16_t port = 0;
};

/// What an observed error does to its server (`on-error`).
enum class OnError { fastinter, fail_check, sudden_death, mark_down };

/// The name of all coordinators where a `resolvers` section asks Impala.
inline constexpr std::string_view kCoordinators = "coordinators";

struct Server {
  Position at;
  std::string name;
  std::string host;        ///< as written, lower case: a name, an address
  std::uint16_t port = 0;  ///< 0: the port that the client came to
  bool check = false;
  CheckTiming timing;
  std::string check_host;  ///< `addr`; empty: host
  std::uint16_t check_port = 0;
  std::uint32_t weight = 1;  ///< 0 to 256
  bool backup = false, disabled = false;
  std::uint32_t maxconn = 0, maxqueue = 0;  ///< 0: no limit
  Millis slowstart{0};
  Tls tls;
  std::string check_sni;  ///< where a check asks by TLS; empty: as connections
  std::vector<std::string> check_alpn;
  std::string track_backend, track_server;  ///< whose state it has; server empty: its own
  std::optional<bool> check_tls;            ///< check-ssl, no-check-ssl; unset: as connections
  bool send_proxy = false, send_proxy_v2 = false, check_send_proxy = false;
  bool shutdown_on_down = false;  ///< on-marked-down shutdown-sessions
  bool observe = false;
  int error_limit = 10;  ///< errors in a row until on_error is done
  OnError on_error = OnError::fastinter;
  SourceAddress source;
  std::string spn;
  std::string resolvers;       ///< looked up while the proxy runs by this section; empty: at start and reload alone
  bool by_impala = false;      ///< that section asks Impala: `host` is kCoordinators
  bool from_template = false;  ///< a slot of server-template: who is in it is what DNS says
  bool prefer_ipv4 = false;    ///< resolve-prefer
  bool allow_dup_ip = false, ignore_weight = false;  ///< resolve-opts
  bool init_libc = true;                             ///< init-addr: the system is asked at start
  std::string init_address;                          ///< init-addr: for when that finds nothing

  /// `host` is the name of an SRV record: ports are its answers'.
  [[nodiscard]] bool is_srv() const { return host.starts_with('_'); }
  /// Whoever looks it up is told the names of hosts, not addresses alone.
  [[nodiscard]] bool names_hosts() const { return is_srv() || by_impala; }
  /// At start and reload its name is given to the system's resolver; an address always is.
  [[nodiscard]] bool asks_system() const;
};

enum class Balance { roundrobin, static_rr, leastconn, source, first, random, principal, leastqueries };

/// How far the proxy reads the Kerberos login: INTERFACE.md, `kerberos login`.
enum class Login { pass, inspect, verify, late };

struct Kerberos {
  std::string fqdn;  ///< empty: the listener knows nothing of Kerberos
  std::string service = "impala";
  std::vector<std::string> principals;  ///< empty: service/fqdn
  std::string keytab;
  std::optional<Login> login;                     ///< unset: inspect when fqdn is set, else pass
  std::vector<std::string> mechanisms{"GSSAPI"};  ///< SASL mechanisms that may log in
  bool plain_in_clear = false;                    ///< PLAIN is let through without TLS
  std::vector<rules::Access> access;              ///< kerberos allow and deny, in their order
  std::uint32_t maxconn_per_principal = 0;        ///< 0: no limit

  /// Only clients whose tickets were opened come in.
  [[nodiscard]] bool verifies() const {
    const Login effective = effective_login();
    return effective == Login::verify || effective == Login::late;
  }
  [[nodiscard]] Login effective_login() const { return login.value_or(fqdn.empty() ? Login::pass : Login::inspect); }
  [[nodiscard]] std::vector<std::string> effective_principals() const;
  friend bool operator==(const Kerberos&, const Kerberos&) = default;
};

enum class DnsCheck { strict, warn, off };

/// What the users of a runtime socket may do.
enum class RuntimeLevel { user, operator_, admin };

struct RuntimeSocket {
  Bind bind;
  RuntimeLevel level = RuntimeLevel::operator_;
  int mode = -1;            ///< of the socket's file; -1: as umask gives
  std::string user, group;  ///< names or numbers; empty: as it comes
};

struct Global {
  std::vector<LogTarget> log;
  std::string chroot, pidfile, user, group, node, description, log_tag = "kerbgate";
  std::uint32_t maxconn = 0;  ///< 0: derived from the descriptor limit
  bool daemon = false;
  bool busy_polling = false;  ///< threads look for events a while before they sleep
  int nbthread = 0;           ///< 0: the CPUs
  Millis hard_stop_after{0};  ///< 0: never
  Kerberos kerberos;
  std::string check_principal, check_keytab;  ///< who logs in to check; empty: the listener's own principal and keytab
  DnsCheck dns_check = DnsCheck::strict;
  Millis dns_interval{300'000};
  std::string state_file;  ///< what login late knows, over restarts; empty: none
  std::vector<RuntimeSocket> runtime_sockets;
  Millis runtime_timeout{10'000};
  std::uint32_t runtime_maxconn = 10;
  Tls bind_tls, server_tls;  ///< what ssl-default-bind-... and ssl-default-server-... say
  std::string ca_base, crt_base;
  Said said;
};

/// Of listeners in mode http alone: in mode tcp `stats` lines have no effect, as in HAProxy.
struct StatsSettings {
  bool enabled = false, hide_version = false;
  std::string uri, realm;         ///< uri empty: / and /haproxy?stats
  std::vector<std::string> auth;  ///< user:password; empty: whoever comes
  Millis refresh{0};
  std::vector<rules::Condition> admin;  ///< who may change things on it: whom any of them lets; none: nobody
  bool show_node = false, show_description = false, show_legends = false;
  std::string node, description;   ///< empty: global's
  std::vector<std::string> scope;  ///< sections shown; empty: all
};

/// `option kerberos-check`: a login at each server.
struct KerberosCheck {
  bool on = false;
  Millis inter{30'000};
};

/// `option impala-check`: the daemon's web port.
struct ImpalaCheck {
  bool on = false;
  Millis inter{30'000};
  std::uint16_t port = 25000;
  bool tls = false;
  std::string auth_file;  ///< user:password; empty: none
};

enum class Mode { tcp, http };

/// A `tcp-request` line: the first one whose condition holds and that decides ends the list.
struct Rule {
  enum class Action { accept, reject, track, expect_proxy };
  Position at;
  Action action = Action::accept;
  std::string table;  ///< track: whose stick table; empty in a defaults section: that of who takes it over
  rules::Condition when;
};

/// A `use_backend` line.
struct Route {
  std::string backend;
  rules::Condition when;
};

/// A `stick` line.
struct StickRule {
  Position at;
  bool match = false, store = false;
  enum class Key { source, server_name, principal } key = Key::source;
  std::string table;
  rules::Condition when;
};

/// What a client comes to: a `frontend`, or the front half of a `listen`.
struct Frontend {
  Position at;
  std::string name;
  std::uint32_t number = 0;  ///< of its section: HAProxy's iid
  Mode mode = Mode::tcp;
  bool disabled = false;
  std::vector<Bind> binds;
  std::string default_backend;  ///< of a listen: its own name; empty: none
  std::uint32_t maxconn = 0;    ///< 0: global's
  int backlog = 0;
  std::vector<LogTarget> log;  ///< `log global` already replaced by global's
  bool tcplog = false, dontlognull = false, dontlog_normal = false, logasap = false, log_separate_errors = false;
  std::shared_ptr<const LogTemplate> log_format;        ///< null: the line that `tcplog` says
  std::shared_ptr<const LogTemplate> error_log_format;  ///< null: HAProxy's line
  std::string log_tag;                                  ///< empty: global's
  Keepalive keepalive;                                  ///< towards the client
  Millis client_timeout{0}, client_fin_timeout{0};      ///< 0: none
  std::vector<Rule> connection_rules, session_rules, content_rules;
  Millis inspect_delay{0};
  std::vector<Route> routes;
  bool tls_passthrough = false;
  Millis login_timeout{30'000};
  Millis handshake_timeout{0};  ///< 0: as login_timeout
  Millis request_timeout{0};    ///< `timeout http-request`; 0: the page's own
  Kerberos kerberos;
  StatsSettings stats;        ///< enabled: this listener serves the stats page and nothing else
  bool socket_stats = false;  ///< a row for each bind line
  std::string description;
  Said said;
};

/// What it is sent to: a `backend`, or the back half of a `listen`.
struct Backend {
  Position at;
  std::string name;
  std::uint32_t number = 0;  ///< of its section
  Mode mode = Mode::tcp;
  bool disabled = false;
  Balance balance = Balance::roundrobin;
  int random_draws = 2;
  std::vector<Server> servers;
  int retries = 3;
  bool redispatch = false;
  Keepalive keepalive;  ///< towards the server
  bool log_health_checks = false;
  check::Script check = check::Script::plain();  ///< what a check of its servers does
  bool is_listen = false;                        ///< a listen's half, not a section of its own
  std::vector<LogTarget> log;
  std::string log_tag;                                                               ///< empty: global's
  Millis connect_timeout{0}, server_timeout{0}, queue_timeout{0}, check_timeout{0};  ///< 0: none / derived
  Millis tunnel_timeout{0}, client_fin_timeout{0}, server_fin_timeout{0};
  Millis login_answer_timeout{10'000};
  std::vector<Rule> content_rules;  ///< of a backend section; a listen's are its frontend's
  Millis inspect_delay{0};
  std::vector<StickRule> sticks;
  Said said;
  KerberosCheck kerberos_check;
  ImpalaCheck impala_check;
};

struct Config {
  Global global;
  std::vector<Frontend> frontends;                 ///< in order of the text; a listen without bind has none here
  std::vector<Backend> backends;                   ///< in order; a listen without servers is here all the same
  std::map<std::string, rules::TableConf> tables;  ///< stick tables, by their section's name
  std::map<std::string, Resolvers> resolvers;

  [[nodiscard]] const Backend* backend(const std::string& name) const;
  [[nodiscard]] std::vector<LogTarget> log_targets() const;  ///< of all sections, as often as they are written
};

/// What a backend's servers are checked for by a login.
struct CheckedService {
  std::vector<std::string> principals;  ///< what clients' tickets are for; empty: not known
  std::string fqdn, keytab;
  bool in_clear = false;  ///< a client's own TLS may pass through to a server
};
/// From the listeners that lead to it, the first that knows; else global's.
CheckedService service_to_check(const Config& config, const Backend& backend);

}  // namespace kerbgate::config
