#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "check/script.hpp"
#include "config/config.hpp"
#include "config/source.hpp"

/// What the sections say, line by line, before it is held together: defaults already copied in, names not yet followed.
namespace kerbgate::config {

enum class SectionKind : unsigned {
  none = 0,
  global = 1,
  defaults = 2,
  listen = 4,
  frontend = 8,
  backend = 16,
  skipped = 32,
  resolvers = 64
};

const char* section_word(SectionKind kind);

/// What `kerberos ...` lines said in one place; what was not said is taken from the place above.
struct KerberosDraft {
  std::optional<std::string> fqdn, service, keytab;
  Position fqdn_at, login_at;
  std::vector<std::string> principals;
  bool principals_inherited = false;  ///< from a defaults section: the first line here begins the list anew
  std::optional<Login> login;
  std::optional<std::vector<std::string>> mechanisms;
  bool plain_in_clear = false;
  std::vector<rules::Access> access;
  std::optional<std::uint32_t> maxconn_per_principal;
  Position access_at;  ///< of the last line that needs to know principals
};

/// A `tcp-check` or `http-check` line.
struct CheckLine {
  Position at;
  check::Step step;
  check::Request request;  ///< http-check send
  bool is_comment = false;
};

struct CheckDraft {
  check::Script::Kind kind = check::Script::Kind::plain;
  check::Request request;  ///< of option httpchk
  std::vector<CheckLine> tcp, http;
  bool tcp_inherited = false, http_inherited = false;  ///< from a defaults section: the first line here begins anew
};

/// A `log-format` line as written: what it means depends on the section that takes it over.
struct LogFormatText {
  std::string text;
  Position at;
};

/// What a `defaults` section can hold and hand on.
struct Settings {
  Said said;
  Mode mode = Mode::tcp;
  bool disabled = false;
  std::vector<LogTarget> log;
  bool log_global = false;
  bool tcplog = false, dontlognull = false, dontlog_normal = false, logasap = false, log_separate_errors = false;
  std::optional<LogFormatText> log_format, error_log_format;
  std::string log_tag;
  Keepalive client_keepalive, server_keepalive;
  bool redispatch = false, log_health_checks = false, socket_stats = false;
  bool forwardfor = false;  ///< HTTP only; kept to say so where it is set in vain
  Millis client_timeout{0}, connect_timeout{0}, server_timeout{0}, queue_timeout{0}, check_timeout{0},
      tunnel_timeout{0}, client_fin_timeout{0}, server_fin_timeout{0};
  Millis login_timeout{30'000}, login_answer_timeout{10'000}, handshake_timeout{0}, request_timeout{0};
  Balance balance = Balance::roundrobin;
  int random_draws = 2;
  int retries = 3;
  std::uint32_t maxconn = 0;
  int backlog = 0;
  std::string default_backend;
  Position default_backend_at;
  StatsSettings stats;
  KerberosDraft kerberos;
  Server server_template;  ///< what default-server lines say
  std::vector<Rule> connection_rules, session_rules, content_rules;
  Millis inspect_delay{0};
  bool tls_passthrough = false;
  CheckDraft check;
  KerberosCheck kerberos_check;
  ImpalaCheck impala_check;
  SourceAddress source;  ///< of servers that name none
};

struct BackendUse {
  std::string name;
  Position at;
  rules::Condition when;
};

/// A name that stands for something further on in the text.
struct Mention {
  std::string name, by;
  Position at;
};

struct Proxy {
  SectionKind kind = SectionKind::none;
  Position at;
  std::string name;
  std::string description;
  Settings settings;
  std::vector<Bind> binds;
  std::vector<Server> servers;
  std::vector<BackendUse> uses;  ///< use_backend lines
  std::map<std::string, std::vector<std::shared_ptr<const rules::Test>>> acls;
  std::optional<rules::TableConf> table;
  Position table_at;
  std::vector<StickRule> sticks;
  std::vector<Mention> tables_used, backends_used;

  [[nodiscard]] bool has_front() const { return kind == SectionKind::listen || kind == SectionKind::frontend; }
  [[nodiscard]] bool has_back() const { return kind == SectionKind::listen || kind == SectionKind::backend; }
  /// It serves the stats page: what leads to servers does not.
  [[nodiscard]] bool is_page() const {
    return has_front() && settings.mode == Mode::http && settings.stats.enabled && servers.empty() && uses.empty() &&
           settings.default_backend.empty();
  }
};

struct Draft {
  Global global;
  KerberosDraft kerberos;
  ListReader read_list;
  std::deque<Proxy> proxies;   ///< deques: a section stays where it is while others are added
  std::deque<Proxy> defaults;  ///< the last one reaches into the sections that follow
  SectionKind section = SectionKind::none;
  Proxy* proxy = nullptr;  ///< the section being read, a defaults section included; null in global and resolvers
  std::deque<Resolvers> resolvers;  ///< the last one is the section being read
  std::size_t binds = 0;            ///< in all sections
};

}  // namespace kerbgate::config
