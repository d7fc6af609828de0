#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stats/counters.hpp"
#include "stats/dns.hpp"
#include "stats/names.hpp"

/// All that the proxy knows of itself at one moment, as one plain value: what the stats page, Prometheus, JSON and the
/// runtime socket are made from. Columns have HAProxy's names and meanings where it has them.
namespace kerbgate::admin {

struct RateFact {
  std::uint32_t now = 0, max = 0;  ///< a second
};

struct TimeFact {
  std::uint64_t mean = 0, max = 0;  ///< ms, of the last 512 connections
};

/// What clients began with and what came of it; pairs are name and count, only those that are not 0.
struct LoginFacts {
  std::uint64_t taken = 0;                                      ///< logins that a server went on with
  std::uint64_t refused = 0;                                    ///< in all
  std::vector<std::pair<std::string, std::uint64_t>> refusals;  ///< by login::Words::name
  std::vector<std::pair<std::string, std::uint64_t>> openings;  ///< "none", "sasl", "tls", "http", "thrift", "garbage"
};

struct ListenerFacts {
  std::string name, address;
  std::uint32_t current = 0, most = 0, limit = 0;  ///< limit 0: none of its own
  std::uint64_t total = 0, bytes_in = 0, bytes_out = 0;
};

struct FrontFacts {
  std::string status;  ///< "OPEN", "STOP", "FULL"
  std::uint32_t current = 0, most = 0, limit = 0;
  std::uint64_t total = 0, bytes_in = 0, bytes_out = 0;
  std::uint64_t denied = 0, request_errors = 0, denied_connections = 0, denied_sessions = 0;
  RateFact rate;
  LoginFacts logins;
  bool socket_stats = false;  ///< listeners have rows of their own
  std::vector<ListenerFacts> listeners;
  std::vector<stats::Sample> history;
};

/// Of a server and of a backend.
struct ServingFacts {
  std::string status;  ///< "UP", "UP 1/3", "DOWN", "DOWN 1/2", "MAINT", "DRAIN", "NOLB", "no check"
  std::uint32_t queued = 0, queued_most = 0, current = 0, most = 0, limit = 0;  ///< limit 0: none
  std::uint64_t total = 0, balanced = 0, bytes_in = 0, bytes_out = 0;           ///< stot, lbtot, bin, bout
  std::uint64_t failed_connections = 0, failed_responses = 0, retries = 0, redispatches = 0;
  std::uint64_t client_aborts = 0, server_aborts = 0;
  std::uint32_t weight = 0, user_weight = 0, active = 0, backup = 0;  ///< of a server active or backup is 1
  std::uint64_t downs = 0;
  std::int64_t last_change = 0, downtime = 0, last_session = -1;  ///< seconds ago, in all, ago (-1: never)
  RateFact rate;
  TimeFact queue_ms, connect_ms, total_ms;
  std::vector<stats::Sample> history;
};

struct ServerFacts : ServingFacts {
  std::string name;
  std::uint32_t id = 0;  ///< sid: from 1
  std::string host;      ///< as written, lower case
  std::uint16_t port = 0;
  std::vector<std::string> addresses;  ///< address:port, the first is used first; empty: unresolved
  std::string service;                 ///< the SRV record that leads to it; empty: none
  bool found = true;                   ///< it has an address, or is not looked up while the proxy runs
  bool up = true, checked = false, backup_server = false;
  bool configured_disabled = false;  ///< `disabled` in the configuration
  std::string tracked;               ///< "backend/server" whose state it has; empty: its own
  bool inherited = false;            ///< its admin state is that of the tracked one
  std::string admin;                 ///< "ready", "drain", "maint"
  std::uint32_t queue_limit = 0, configured_weight = 1;
  std::uint32_t throttle = 100;  ///< per cent of its weight, less than 100 in a slow start
  std::uint64_t failed_checks = 0;
  int rise = 2, fall = 3;
  std::optional<stats::CheckOutcome> check;
  std::vector<stats::CoordinatorCheck> looks;                      ///< of kerberos-check, impala-check
  std::vector<std::pair<std::string, std::uint64_t>> passed_over;  ///< by login::OutcomeWords::name, not 0
  std::optional<stats::PassedOver> last_passed_over;
  std::vector<stats::KeySeen> keys;  ///< that clients' logins were taken with, the last one first
};

struct BackFacts : ServingFacts {
  std::string balance;
  std::uint64_t denied = 0;
  std::vector<ServerFacts> servers;
};

/// A frontend, a backend, or a listen, which is both.
struct Section {
  std::string name, description;
  std::string mode = "tcp";  ///< "http": a stats page
  std::uint32_t id = 0;      ///< iid
  std::optional<FrontFacts> front;
  std::optional<BackFacts> back;
};

struct ProcessFacts {
  std::string version, node, description;
  int pid = 0, threads = 1;
  std::chrono::system_clock::time_point started;
  std::int64_t uptime = 0;                                                        ///< s
  std::uint32_t current = 0, most = 0, limit = 0, hard_limit = 0, listeners = 0;  ///< hard: what descriptors allow
  std::uint64_t total = 0, bytes_in = 0, bytes_out = 0, dropped_logs = 0, reloads = 0, open_files = 0;
  RateFact rate;
  bool stopping = false;
  std::vector<stats::Sample> history;
};

struct Snapshot {
  std::chrono::system_clock::time_point taken;
  stats::Now now{};
  ProcessFacts process;
  std::vector<Section> sections;  ///< in the order of the configuration
  stats::NameStates names;
  std::vector<stats::Refusal> refusals;  ///< the last ones, newest first
  std::vector<stats::Tally::Row> asked;  ///< by the service principal that tickets are for
  std::vector<stats::Tally::Row> users;  ///< by the client's principal, where logins are verified

  [[nodiscard]] const Section* section(const std::string& name) const;
};

}  // namespace kerbgate::admin
