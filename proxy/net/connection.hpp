#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "config/log_template.hpp"
#include "log/record.hpp"
#include "login/server_name.hpp"
#include "net/approach.hpp"
#include "net/late/guest.hpp"
#include "net/live.hpp"
#include "net/loop.hpp"
#include "net/relay.hpp"

namespace kerbgate::net {

/// One client from accept to the log line: its opening is read (unless login is pass), a server is found, bytes flow,
/// one end is reported. Lives on one loop, owns itself, and is gone when on_event can no longer reach it.
class Connection final : public Retired,
                         private Watcher,
                         private Timer,
                         private Pending,
                         private Listed,
                         public Approach::Owner {
 public:
  static void start(Loop& loop, Fd client, const SocketAddress& from, Place place);
  ~Connection() override;

 private:
  enum class State : std::uint8_t {
    announcing,
    securing,
    opening,
    receiving,  ///< the login is completed here, and its first call awaited
    approaching,
    relaying,
    telling,
    flushing,
    over
  };

  /// What is needed until bytes flow, and freed then.
  struct Setup {
    HeldBytes::Share held;            ///< of `bytes`
    std::vector<std::uint8_t> bytes;  ///< all that the client has sent; while announcing: its PROXY header
    login::Opening opening;
    std::optional<kerbgate::Login> login;  ///< of a listener that verifies them
    std::unique_ptr<Approach> approach;
    /// How far the rules are.
    enum class Stage : std::uint8_t { front_rules, routes, back_rules, done } stage = Stage::front_rules;
    std::size_t rule = 0;   ///< the next of that stage
    bool complete = false;  ///< the rules wait for no more bytes
    Now opened{}, rules_until = Now::max(), login_until = Now::max();
    login::ServerName hello;
    std::vector<std::pair<std::shared_ptr<rules::StickTable>, std::string>> remembered_by;  ///< tables and keys
  };

  Connection(Loop& loop, Fd client, const SocketAddress& from, Place place);
  void begin();

  void on_event(int side, std::uint32_t events) override;
  void on_timer() override;
  void on_turn() override;
  void on_approach() override { follow_approach(); }
  Watch& server_watch() override { return server_watch_; }
  std::string asked_name() override { return client_.tls ? client_.tls->server_name() : std::string(); }
  login::Ends ends() override { return both_ends(); }
  [[nodiscard]] login::Ends both_ends() const;

  enum class Ruling : std::uint8_t { pass, reject, more };
  bool passes(const std::vector<config::Rule>& list);
  void announcing();
  void greet();
  [[nodiscard]] Now handshake_deadline() const;
  void read_header();
  void header_failed(const std::string& words);
  Ruling apply(const std::vector<config::Rule>& list, std::size_t& next, const rules::Facts& facts, Now now);
  bool admit();
  bool rules_wait(Millis delay);
  void choose_backend(LiveBackend* backend);
  void turn_away(stats::Count& counter);
  [[nodiscard]] std::optional<std::string> stick_key(config::StickRule::Key what, const rules::StickTable& table) const;
  void look_for_own_server();
  void remember_server();
  [[nodiscard]] rules::Facts facts() const;
  [[nodiscard]] bool rules_read() const;

  void secure();
  void handshake_failed(bool timed_out);
  void tell_that_tls_is_spoken();
  void open();
  void read_opening();
  void judge_opening();
  void judge_login();
  void approach();
  void begin_approach(std::span<const std::uint8_t> login);
  void follow_approach();
  void refuse_opening();
  void refuse(login::Cause cause, std::string text);
  [[nodiscard]] bool let_in();
  [[nodiscard]] std::optional<ApReq> request() const;
  [[nodiscard]] bool held_against_keytab();
  [[nodiscard]] bool verified();
  [[nodiscard]] bool is_first(const kerbgate::Login& login, std::chrono::seconds skew);
  [[nodiscard]] bool welcome(std::string principal);
  void approach_failed();
  void abandon_approach();
  [[nodiscard]] bool client_left();

  bool receive_late(const kerbgate::Login& login);
  void receive();
  void choose_late();
  std::string login_timed_out();
  void receive_timed_out();
  void refuse_stale();
  void relay_told();
  void say_note(const std::string& note) const;

  void relay();
  void start_relay(const Approach& approach);
  void turn();
  void settle();
  void server_left_untouched();
  void relay_broken();
  void relay_timed_out();

  void tell(const std::string& text);
  void tell_bytes(const std::vector<std::uint8_t>& bytes);
  void drain_teller();
  void flush_then_reset();
  void finish(log::Cause cause, log::Phase phase);
  void account() override;
  [[nodiscard]] SessionView view() const override;
  [[nodiscard]] bool on(const std::string& backend, const std::string& server) const override;
  [[nodiscard]] bool of(const std::string& frontend) const override;
  void kill(log::Cause cause) override;
  void count_begin();
  void count_approach();
  void count_taken();
  void count_refused(login::Cause cause, const std::string& words);
  void count_end(log::Cause cause, log::Phase phase);
  [[nodiscard]] std::uint64_t received() const;

  void note_login();
  void note_reason(const std::string& reason);
  void note_way();
  void note_attempts();
  void report(log::Cause cause, log::Phase phase, bool unfinished = false);
  void report_early(const std::string& words);
  [[nodiscard]] log::Session line(bool unfinished) const;
  std::string text_of(const log::Session& session);
  void add_for_format(log::Session& session, const config::LogTemplate& format);
  [[nodiscard]] std::string look(const config::LogPiece& piece) const;
  void report_handshake(bool timed_out);
  void end();

  void wait_until(Now deadline);
  /// How long the relay may be silent, 0 for ever, and whose limit that is.
  struct Limit {
    Millis silence;
    log::Cause cause;
  };
  [[nodiscard]] Limit relay_limit() const;
  [[nodiscard]] Now relay_deadline() const;
  [[nodiscard]] Now next_deadline() const;
  [[nodiscard]] Now listening_deadline() const;
  [[nodiscard]] LiveFrontend& frontend() const noexcept { return place_.frontend(); }
  [[nodiscard]] LiveBackend& backend() const noexcept { return *backend_; }
  [[nodiscard]] DataPath& path() noexcept { return late_ ? static_cast<DataPath&>(late_->session) : relay_; }
  [[nodiscard]] const DataPath& path() const noexcept {
    return late_ ? static_cast<const DataPath&>(late_->session) : relay_;
  }

  Loop& loop_;
  Place place_;
  LiveBackend* backend_ = nullptr;  ///< of this frontend; null: none is chosen yet
  Fd client_fd_, server_fd_;
  Endpoint client_, server_;
  Watch client_watch_{this, 0}, server_watch_{this, 1};
  State state_ = State::opening;
  Relay relay_;
  std::unique_ptr<late::Guest> late_;  ///< of a login that is completed here
  std::unique_ptr<Setup> setup_;
  balance::Lease lease_;
  IpAddress from_;
  std::uint16_t from_port_;
  bool expects_header_ = false, logged_ = false, login_noted_ = false;
  std::unique_ptr<login::Ends> announced_;  ///< by a PROXY header
  rules::Tracked tracked_;
  Now accepted_, last_activity_, deadline_ = Now::max();
  std::chrono::system_clock::time_point accepted_time_;
  std::int32_t queue_ms_ = -1, connect_ms_ = -1, handshake_ms_ = 0;
  std::uint32_t server_turn_ = 0, backend_turn_ = 0;  ///< in a queue; 0: it waited in none
  std::int16_t retries_ = 0;
  bool redispatched_ = false;
  balance::ServerIndex last_server_ = balance::kNoServer;
  bool in_backend_ = false;  ///< counted among its connections
  std::uint64_t number_;     ///< of the process's connections, from 0
  std::uint32_t said_ = 0;   ///< bytes of the login that a server was given outside the relay
  std::uint64_t counted_in_ = 0, counted_out_ = 0;
  stats::Tally::Key asked_ = 0;
  /// The client, where logins are verified.
  struct User {
    std::string principal;       ///< printable
    stats::Tally::Key key = 0;   ///< since a server took the login
    rules::Tracked connections;  ///< of maxconn-per-principal
  };
  std::unique_ptr<User> user_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace kerbgate::net
