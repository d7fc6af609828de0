// Prometheus' text format.
#include <algorithm>
#include <array>
#include <cstdio>

#include "admin/render.hpp"

namespace kerbgate::admin {
namespace {

/// A label's value may hold anything but a bare quote, backslash or line break.
std::string label(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.15g", value);
  return text.data();
}

/// Metrics one after the other, each with its head once.
class Page {
 public:
  void head(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    out_ += "# HELP " + name_ + ' ' + std::string(help) + "\n# TYPE " + name_ + ' ' + std::string(type) + '\n';
  }
  void sample(const std::string& labels, double value) {
    out_ += name_ + (labels.empty() ? "" : '{' + labels + '}') + ' ' + number(value) + '\n';
  }
  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  std::string name_, out_;
};

template <class Facts>
struct Metric {
  std::string_view name, type, help;
  double (*value)(const Facts&);
};

constexpr Metric<ProcessFacts> kProcess[] = {
    {"haproxy_process_nbthread", "gauge", "Threads.", [](const ProcessFacts& p) { return double(p.threads); }},
    {"haproxy_process_uptime_seconds", "gauge", "Age of the process.",
     [](const ProcessFacts& p) { return double(p.uptime); }},
    {"haproxy_process_start_time_seconds", "gauge", "When it started, since 1970.",
     [](const ProcessFacts& p) { return double(std::chrono::system_clock::to_time_t(p.started)); }},
    {"haproxy_process_max_fds", "gauge", "Limit of open files.",
     [](const ProcessFacts& p) { return double(p.open_files); }},
    {"haproxy_process_max_connections", "gauge", "Limit of client connections.",
     [](const ProcessFacts& p) { return double(p.limit); }},
    {"haproxy_process_current_connections", "gauge", "Client connections now.",
     [](const ProcessFacts& p) { return double(p.current); }},
    {"haproxy_process_connections_total", "counter", "Client connections.",
     [](const ProcessFacts& p) { return double(p.total); }},
    {"haproxy_process_current_connection_rate", "gauge", "Connections in the last second.",
     [](const ProcessFacts& p) { return double(p.rate.now); }},
    {"haproxy_process_max_connection_rate", "gauge", "The most in one second.",
     [](const ProcessFacts& p) { return double(p.rate.max); }},
    {"haproxy_process_listeners", "gauge", "Addresses listened on.",
     [](const ProcessFacts& p) { return double(p.listeners); }},
    {"haproxy_process_dropped_logs_total", "counter", "Log messages that no target took.",
     [](const ProcessFacts& p) { return double(p.dropped_logs); }},
    {"haproxy_process_bytes_out_total", "counter", "Bytes to clients.",
     [](const ProcessFacts& p) { return double(p.bytes_out); }},
    {"haproxy_process_stopping", "gauge", "1 while it only waits for its last connections.",
     [](const ProcessFacts& p) { return p.stopping ? 1.0 : 0.0; }},
    {"kerbgate_process_reloads_total", "counter", "Configurations put in force after the first.",
     [](const ProcessFacts& p) { return double(p.reloads); }},
};

constexpr Metric<FrontFacts> kFront[] = {
    {"haproxy_frontend_status", "gauge", "1 while it accepts.",
     [](const FrontFacts& f) { return f.status == "STOP" ? 0.0 : 1.0; }},
    {"haproxy_frontend_current_sessions", "gauge", "Connections now.",
     [](const FrontFacts& f) { return double(f.current); }},
    {"haproxy_frontend_max_sessions", "gauge", "The most at once.", [](const FrontFacts& f) { return double(f.most); }},
    {"haproxy_frontend_limit_sessions", "gauge", "Its limit.", [](const FrontFacts& f) { return double(f.limit); }},
    {"haproxy_frontend_sessions_total", "counter", "Connections.", [](const FrontFacts& f) { return double(f.total); }},
    {"haproxy_frontend_connections_total", "counter", "Connections, those denied at once included.",
     [](const FrontFacts& f) { return double(f.total + f.denied_connections); }},
    {"haproxy_frontend_current_session_rate", "gauge", "Connections in the last second.",
     [](const FrontFacts& f) { return double(f.rate.now); }},
    {"haproxy_frontend_max_session_rate", "gauge", "The most in one second.",
     [](const FrontFacts& f) { return double(f.rate.max); }},
    {"haproxy_frontend_bytes_in_total", "counter", "Bytes from clients.",
     [](const FrontFacts& f) { return double(f.bytes_in); }},
    {"haproxy_frontend_bytes_out_total", "counter", "Bytes to clients.",
     [](const FrontFacts& f) { return double(f.bytes_out); }},
    {"haproxy_frontend_requests_denied_total", "counter", "Connections that the proxy refused.",
     [](const FrontFacts& f) { return double(f.denied); }},
    {"haproxy_frontend_request_errors_total", "counter", "Clients that left or stayed silent before a login.",
     [](const FrontFacts& f) { return double(f.request_errors); }},
    {"haproxy_frontend_denied_connections_total", "counter", "Denied by tcp-request connection.",
     [](const FrontFacts& f) { return double(f.denied_connections); }},
    {"haproxy_frontend_denied_sessions_total", "counter", "Denied by tcp-request session.",
     [](const FrontFacts& f) { return double(f.denied_sessions); }},
    {"kerbgate_logins_taken_total", "counter", "Logins that a server went on with.",
     [](const FrontFacts& f) { return double(f.logins.taken); }},
};

/// `haproxy_server_...` and `haproxy_backend_...` alike.
constexpr Metric<ServingFacts> kServing[] = {
    {"current_queue", "gauge", "Waiting for a place.", [](const ServingFacts& s) { return double(s.queued); }},
    {"max_queue", "gauge", "The most that waited.", [](const ServingFacts& s) { return double(s.queued_most); }},
    {"current_sessions", "gauge", "Connections now.", [](const ServingFacts& s) { return double(s.current); }},
    {"max_sessions", "gauge", "The most at once.", [](const ServingFacts& s) { return double(s.most); }},
    {"limit_sessions", "gauge", "Its limit; 0: none.", [](const ServingFacts& s) { return double(s.limit); }},
    {"sessions_total", "counter", "Connections.", [](const ServingFacts& s) { return double(s.total); }},
    {"current_session_rate", "gauge", "Connections in the last second.",
     [](const ServingFacts& s) { return double(s.rate.now); }},
    {"max_session_rate", "gauge", "The most in one second.", [](const ServingFacts& s) { return double(s.rate.max); }},
    {"bytes_in_total", "counter", "Bytes from clients.", [](const ServingFacts& s) { return double(s.bytes_in); }},
    {"bytes_out_total", "counter", "Bytes to clients.", [](const ServingFacts& s) { return double(s.bytes_out); }},
    {"queue_time_average_seconds", "gauge", "In the queue, of the last 512.",
     [](const ServingFacts& s) { return double(s.queue_ms.mean) / 1000; }},
    {"connect_time_average_seconds", "gauge", "To connect, of the last 512.",
     [](const ServingFacts& s) { return double(s.connect_ms.mean) / 1000; }},
    {"total_time_average_seconds", "gauge", "From accept to end, of the last 512.",
     [](const ServingFacts& s) { return double(s.total_ms.mean) / 1000; }},
    {"connection_errors_total", "counter", "Given up: not reached, or no place in time.",
     [](const ServingFacts& s) { return double(s.failed_connections); }},
    {"response_errors_total", "counter", "Reached, then failed before the first byte of an answer.",
     [](const ServingFacts& s) { return double(s.failed_responses); }},
    {"retry_warnings_total", "counter", "Tried again on the same server.",
     [](const ServingFacts& s) { return double(s.retries); }},
    {"redispatch_warnings_total", "counter", "Sent on to another server.",
     [](const ServingFacts& s) { return double(s.redispatches); }},
    {"client_aborts_total", "counter", "Ended by the client.",
     [](const ServingFacts& s) { return double(s.client_aborts); }},
    {"server_aborts_total", "counter", "Ended by the server.",
     [](const ServingFacts& s) { return double(s.server_aborts); }},
    {"weight", "gauge", "Weight in force.", [](const ServingFacts& s) { return double(s.weight); }},
    {"check_up_down_total", "counter", "Times it went down.", [](const ServingFacts& s) { return double(s.downs); }},
    {"check_last_change_seconds", "gauge", "Since its state changed.",
     [](const ServingFacts& s) { return double(s.last_change); }},
    {"downtime_seconds_total", "counter", "Down in all.", [](const ServingFacts& s) { return double(s.downtime); }},
    {"loadbalanced_total", "counter", "Chosen by the algorithm.",
     [](const ServingFacts& s) { return double(s.balanced); }},
    {"last_session_seconds", "gauge", "Since its last connection; -1: none yet.",
     [](const ServingFacts& s) { return double(s.last_session); }},
};

constexpr Metric<BackFacts> kBack[] = {
    {"haproxy_backend_active_servers", "gauge", "Servers that take connections.",
     [](const BackFacts& b) { return double(b.active); }},
    {"haproxy_backend_backup_servers", "gauge", "Backups that would.",
     [](const BackFacts& b) { return double(b.backup); }},
    {"haproxy_backend_requests_denied_total", "counter", "Connections that rules refused.",
     [](const BackFacts& b) { return double(b.denied); }},
};

constexpr Metric<ServerFacts> kServer[] = {
    {"haproxy_server_queue_limit", "gauge", "How many may wait; 0: no limit.",
     [](const ServerFacts& s) { return double(s.queue_limit); }},
    {"haproxy_server_check_failures_total", "counter", "Failed checks while it was up.",
     [](const ServerFacts& s) { return double(s.failed_checks); }},
    {"haproxy_server_check_duration_seconds", "gauge", "Of the last check.",
     [](const ServerFacts& s) {
       return s.check && s.check->milliseconds > 0 ? double(s.check->milliseconds) / 1000 : 0;
     }},
    {"haproxy_server_current_throttle", "gauge", "Per cent of its weight, in a slow start.",
     [](const ServerFacts& s) { return double(s.throttle); }},
};

std::string of_proxy(const Section& section) { return "proxy=" + label(section.name); }
std::string of_server(const Section& section, const ServerFacts& server) {
  return of_proxy(section) + ",server=" + label(server.name);
}

template <class Visit>
void each_server(const Snapshot& snapshot, Visit visit) {
  for (const Section& section : snapshot.sections)
    if (section.back)
      for (const ServerFacts& server : section.back->servers) visit(section, server);
}

void write_fronts(Page& page, const Snapshot& snapshot) {
  for (const auto& metric : kFront) {
    page.head(metric.name, metric.type, metric.help);
    for (const Section& section : snapshot.sections)
      if (section.front) page.sample(of_proxy(section), metric.value(*section.front));
  }
  const auto pairs = [&](const char* key, auto member) {
    for (const Section& section : snapshot.sections)
      if (section.front)
        for (const auto& [name, count] : section.front->logins.*member)
          page.sample(of_proxy(section) + ',' + key + '=' + label(name), double(count));
  };
  page.head("kerbgate_logins_refused_total", "counter", "Clients that were not served, by reason.");
  pairs("reason", &LoginFacts::refusals);
  page.head("kerbgate_openings_total", "counter", "What clients began with.");
  pairs("kind", &LoginFacts::openings);
}

void write_backs(Page& page, const Snapshot& snapshot) {
  page.head("haproxy_backend_status", "gauge", "1 while some server takes connections.");
  for (const Section& section : snapshot.sections)
    if (section.back) page.sample(of_proxy(section), section.back->status == "UP" ? 1 : 0);
  for (const auto& metric : kBack) {
    page.head(metric.name, metric.type, metric.help);
    for (const Section& section : snapshot.sections)
      if (section.back) page.sample(of_proxy(section), metric.value(*section.back));
  }
  for (const auto& metric : kServing) {
    page.head("haproxy_backend_" + std::string(metric.name), metric.type, metric.help);
    for (const Section& section : snapshot.sections)
      if (section.back) page.sample(of_proxy(section), metric.value(*section.back));
  }
}

void write_servers(Page& page, const Snapshot& snapshot) {
  page.head("haproxy_server_status", "gauge", "1 in the state that it is in.");
  each_server(snapshot, [&](const Section& section, const ServerFacts& server) {
    const std::string state = server.status.substr(0, server.status.find(' '));
    for (const std::string_view one : {"DOWN", "UP", "MAINT", "DRAIN", "NOLB"})
      page.sample(of_server(section, server) + ",state=" + label(one),
                  one == state || (one == "UP" && server.status == "no check") ? 1 : 0);
  });
  for (const auto& metric : kServing) {
    page.head("haproxy_server_" + std::string(metric.name), metric.type, metric.help);
    each_server(snapshot, [&](const Section& section, const ServerFacts& server) {
      page.sample(of_server(section, server), metric.value(server));
    });
  }
  for (const auto& metric : kServer) {
    page.head(metric.name, metric.type, metric.help);
    each_server(snapshot, [&](const Section& section, const ServerFacts& server) {
      page.sample(of_server(section, server), metric.value(server));
    });
  }
  page.head("kerbgate_server_passed_over_total", "counter", "Attempts on a server that came to nothing, by outcome.");
  each_server(snapshot, [&](const Section& section, const ServerFacts& server) {
    for (const auto& [name, count] : server.passed_over)
      page.sample(of_server(section, server) + ",outcome=" + label(name), double(count));
  });
}

void write_looks(Page& page, const Snapshot& snapshot) {
  const auto each_look = [&](auto visit) {
    each_server(snapshot, [&](const Section& section, const ServerFacts& server) {
      for (const stats::CoordinatorCheck& look : server.looks)
        visit(of_server(section, server) + ",check=" + label(stats::kind_word(look.kind)), look);
    });
  };
  page.head("kerbgate_server_check_state", "gauge",
            "Of kerberos-check and impala-check: 1 in the state that it is in.");
  each_look([&](const std::string& labels, const stats::CoordinatorCheck& look) {
    for (const check::Deep one : {check::Deep::unknown, check::Deep::up, check::Deep::drain, check::Deep::down})
      page.sample(labels + ",state=" + label(check::deep_word(one)), one == look.state ? 1 : 0);
  });
  page.head("kerbgate_server_check_time_seconds", "gauge", "When it last looked, since 1970.");
  each_look([&](const std::string& labels, const stats::CoordinatorCheck& look) {
    page.sample(labels, double(std::chrono::system_clock::to_time_t(look.when)));
  });
  page.head("kerbgate_server_check_duration_seconds", "gauge", "How long the last look took.");
  each_look([&](const std::string& labels, const stats::CoordinatorCheck& look) {
    page.sample(labels, double(look.took.count()) / 1000);
  });
  page.head("kerbgate_server_queries", "gauge", "Queries registered at the coordinator, as its web page says.");
  each_server(snapshot, [&](const Section& section, const ServerFacts& server) {
    for (const stats::CoordinatorCheck& look : server.looks)
      if (look.queries) page.sample(of_server(section, server), *look.queries);
  });
}

/// Few enough for a time series each: the rest is on the stats page.
constexpr std::size_t kMostPrincipals = 100;

/// So many that a scrape stays small; those behind them are one row, which no principal can be called.
std::vector<stats::Tally::Row> few(std::vector<stats::Tally::Row> rows) {
  if (rows.size() <= kMostPrincipals) return rows;
  stats::Tally::Row other;
  other.name = "other";
  for (std::size_t i = kMostPrincipals; i < rows.size(); ++i) {
    other.current += rows[i].current;
    other.total += rows[i].total;
    other.refused += rows[i].refused;
  }
  rows.resize(kMostPrincipals);
  rows.push_back(std::move(other));
  return rows;
}

void write_kerberos(Page& page, const Snapshot& snapshot) {
  page.head("kerbgate_name_findings", "gauge", "What the FQDN check found, by gravity.");
  for (const stats::NameState& name : snapshot.names.names) {
    std::array<int, 3> counts{};
    for (const Finding& finding : name.report.findings) ++counts[std::size_t(finding.severity)];
    for (std::size_t i = 0; i < counts.size(); ++i)
      page.sample("fqdn=" + label(name.report.fqdn) + ",severity=" + label(std::array{"note", "warning", "error"}[i]),
                  counts[i]);
  }
  page.head("kerbgate_name_kvno", "gauge", "The newest key version of the proxy's principal in its keytab; 0: none.");
  for (const stats::NameState& name : snapshot.names.names)
    if (!name.keytab.empty()) page.sample("fqdn=" + label(name.report.fqdn), name.kvno);
  page.head("kerbgate_name_check_time_seconds", "gauge", "When the names were last checked, since 1970.");
  if (!snapshot.names.names.empty())
    page.sample("", double(std::chrono::system_clock::to_time_t(snapshot.names.checked)));
  page.head("kerbgate_asked_total", "counter", "Logins by the service principal that the ticket is for.");
  for (std::size_t i = 0; i < std::min(snapshot.asked.size(), kMostPrincipals); ++i)
    page.sample("service=" + label(snapshot.asked[i].name), double(snapshot.asked[i].total));
  const std::vector<stats::Tally::Row> users = few(snapshot.users);
  page.head("kerbgate_principal_current_sessions", "gauge", "Connections now, by the client's principal.");
  for (const stats::Tally::Row& user : users) page.sample("principal=" + label(user.name), user.current);
  page.head("kerbgate_principal_logins_total", "counter", "Logins that a server took, by the client's principal.");
  for (const stats::Tally::Row& user : users) page.sample("principal=" + label(user.name), double(user.total));
  page.head("kerbgate_principal_refused_total", "counter", "Logins of known clients that were refused.");
  for (const stats::Tally::Row& user : users) page.sample("principal=" + label(user.name), double(user.refused));
}

}  // namespace

std::string prometheus(const Snapshot& snapshot) {
  Page page;
  for (const auto& metric : kProcess) {
    page.head(metric.name, metric.type, metric.help);
    page.sample("", metric.value(snapshot.process));
  }
  page.head("kerbgate_build_info", "gauge", "Always 1.");
  page.sample("version=" + label(snapshot.process.version), 1);
  write_fronts(page, snapshot);
  write_backs(page, snapshot);
  write_servers(page, snapshot);
  write_looks(page, snapshot);
  write_kerberos(page, snapshot);
  return page.text();
}

}  // namespace kerbgate::admin
