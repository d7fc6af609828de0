#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "login/opening.hpp"
#include "login/refusal.hpp"
#include "stats/coordinator_check.hpp"
#include "stats/history.hpp"
#include "stats/rate.hpp"
#include "stats/refusals.hpp"
#include "stats/tally.hpp"

/// What is counted while the proxy serves: at accept, login, server and end of a connection, never per byte. Relaxed
/// atomics, any thread. They outlive reloads: what keeps its name keeps its counters. Meanings are HAProxy's.
namespace kerbgate::stats {

/// Bytes of running connections are added when somebody looks, and in any case every ten seconds.
struct Bytes {
  Count in{0}, out{0};
  void add(std::uint64_t in_more, std::uint64_t out_more) noexcept {
    if (in_more != 0) stats::add(in, in_more);
    if (out_more != 0) stats::add(out, out_more);
  }
};

/// A moment that may not have been yet.
class Moment {
 public:
  void set(Now now) noexcept { since_.store(now.time_since_epoch().count(), std::memory_order_relaxed); }
  [[nodiscard]] std::optional<Now> get() const noexcept {
    const auto value = since_.load(std::memory_order_relaxed);
    return value == 0 ? std::nullopt : std::optional(Now(Now::duration(value)));
  }

 private:
  std::atomic<Now::duration::rep> since_{0};
};

inline constexpr std::size_t kKinds = std::size_t(login::Kind::garbage) + 1;

/// What clients began with, and what came of it.
struct Logins {
  Logins() : refused(login::refusal_table().size() + 1) {}
  std::array<Count, kKinds> openings{};  ///< by login::Kind; `unknown`: nothing was read (login pass) or nothing came
  Count taken{0};                        ///< logins that a server went on with
  std::vector<Count> refused;            ///< by login::Cause; [0] is not used
  [[nodiscard]] std::uint64_t refused_in_all() const noexcept;
};

/// A frontend, or the front half of a listen.
struct Front {
  Count connections{0};  ///< stot
  Peak most;             ///< smax
  Rate rate;
  Bytes bytes;
  Count denied{0};                                  ///< dreq: refused by the proxy
  Count request_errors{0};                          ///< ereq: gone or silent before a server was looked for
  Count denied_connections{0}, denied_sessions{0};  ///< dcon, dses: by tcp-request connection and session rules
  Logins logins;
  History history{360};
};

/// A bind line.
struct Listening {
  Count connections{0};
  Peak most;
  Bytes bytes;
};

/// What servers and backends have in common.
struct Serving {
  Bytes bytes;
  Count failed_connections{0};  ///< econ: given up
  Count failed_responses{0};    ///< eresp: connected, then silent, reset or no answer to a login
  Count retries{0}, redispatches{0};
  Count client_aborts{0}, server_aborts{0};
  Rate rate;
  Moment last_session;
  Average queue_ms, connect_ms, total_ms;
  void clear(bool all) noexcept;
};

struct Back : Serving {
  Count connections{0};                   ///< stot: sent here by a frontend
  std::atomic<std::uint32_t> current{0};  ///< scur: the queue included
  Peak most;
  Count denied{0};
  History history{360};
};

/// A check's last outcome, in HAProxy's words.
struct CheckOutcome {
  std::string status = "INI";          ///< "L4OK", "L4CON", "L4TOUT"
  std::string words = "Initializing";  ///< "Layer4 check passed"
  std::string info;                    ///< "Connection refused"
  std::string standing;                ///< "UP", "UP 1/3", "DOWN 1/2", "DOWN"
  std::int64_t milliseconds = -1;
  int health = 0;  ///< 0 to rise + fall - 1, as check_health
  std::chrono::system_clock::time_point time;
  int code = -1;  ///< of the protocol; -1: the status has none
};

/// A login that a server did not go on with.
struct PassedOver {
  std::chrono::system_clock::time_point time;
  std::string outcome;  ///< login::OutcomeWords::name
  std::string words;
};

/// A key with which clients' logins were taken: a key version and enctype that are seen to work.
struct KeySeen {
  std::uint32_t kvno = 0;  ///< 0: the ticket does not say
  std::int32_t enctype = 0;
  std::uint64_t logins = 0;
  std::chrono::system_clock::time_point last;
};

struct Server : Serving {
  Server() : passed_over(login::outcome_table().size()) {}
  std::vector<Count> passed_over;  ///< by login::Attempt::Outcome
  Count failed_checks{0};          ///< chkfail: while it was up
  History history{60};

  void checked(CheckOutcome outcome);
  [[nodiscard]] std::optional<CheckOutcome> last_check() const;
  void passed(PassedOver what);
  [[nodiscard]] std::optional<PassedOver> last_passed_over() const;
  void looked(CoordinatorCheck check);
  [[nodiscard]] std::optional<CoordinatorCheck> last_look(CoordinatorCheck::Kind kind) const;
  void forget_look(CoordinatorCheck::Kind kind);
  /// A login by a ticket of that key was taken.
  void took(std::uint32_t kvno, std::int32_t enctype, std::chrono::system_clock::time_point now);
  /// The latest kKeys of them, the last one first.
  [[nodiscard]] std::vector<KeySeen> keys_taken() const;
  static constexpr std::size_t kKeys = 8;

 private:
  mutable std::mutex mutex_;
  std::array<std::optional<CoordinatorCheck>, 2> looks_;  ///< by kind
  std::optional<CheckOutcome> check_;
  std::optional<PassedOver> passed_;
  std::vector<KeySeen> keys_;
};

/// The process.
struct Whole {
  Count connections{0}, logins{0};
  Peak most;
  Rate rate;
  Bytes bytes;
  Refusals refusals;
  Tally asked;  ///< by the service principal that tickets are for
  Tally users;  ///< by the client's principal, where logins are verified
  History history{360};
};

void clear(Front& front, bool all) noexcept;
void clear(Listening& listening, bool all) noexcept;
void clear(Back& back, bool all) noexcept;
void clear(Server& server, bool all) noexcept;
void clear(Whole& whole, bool all) noexcept;

}  // namespace kerbgate::stats
