#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kerbgate/gss_login.hpp"
#include "login/opening.hpp"
#include "login/proxy_header.hpp"
#include "login/refusal.hpp"
#include "net/fd.hpp"
#include "net/live.hpp"
#include "net/loop.hpp"
#include "net/relay.hpp"

namespace kerbgate::net {

/// The way from a client that is ready to a server that has taken it: balance, queue, dial, say the login, wait for the
/// first answer byte, and on to the next server when one fails before that. Says nothing twice but a login or a
/// ClientHello, and those only while no server has answered. The owner passes on events and deadlines and asks state().
class Approach {
 public:
  enum class State : std::uint8_t {
    queued,   ///< waits for a place
    pausing,  ///< waits before it tries the same server again
    dialling,
    securing,   ///< connected, the TLS handshake goes on
    answering,  ///< the login is said, the server is silent
    arrived,    ///< server(), lease() and answer() are there to be taken
    failed      ///< no server: cause()
  };
  /// Why the last attempt or the whole failed.
  enum class Failure : std::uint8_t {
    none,
    no_server,
    queue_full,
    queue_timeout,
    connect,
    connect_timeout,
    answer,
    resources
  };

  /// Told on the loop's thread that a place in the queue came free and state() has moved.
  class Owner {
   public:
    virtual void on_approach() = 0;
    virtual Watch& server_watch() = 0;
    virtual login::Ends ends() = 0;        ///< of the client's connection, for a PROXY header
    virtual std::string asked_name() = 0;  ///< the client's SNI at this proxy; empty: none

   protected:
    ~Owner() = default;
  };

  /// `opening` are the bytes that the client has sent; what of them may be sent to several servers is in `verdict`.
  /// Without any (login pass), the server is dialled at once and arrived() as soon as it is connected.
  Approach(Loop& loop, Owner& owner, LiveBackend& backend, const IpAddress& client,
           std::span<const std::uint8_t> opening, const login::Opening& verdict);
  ~Approach();
  Approach(const Approach&) = delete;
  Approach& operator=(const Approach&) = delete;

  /// The client's own server, to be asked first; before begin().
  void prefer(balance::ServerIndex server) noexcept { preferred_ = server; }
  /// No other than this one, whatever comes of it; before begin().
  void only(balance::ServerIndex server) noexcept { only_ = server; }
  /// The rest of the login is said here too, to each server by an initiation of its own: arrived() is the login's end,
  /// answer() what came behind it. Before begin().
  using Initiate = std::function<std::unique_ptr<Initiation>()>;
  void complete_logins(Initiate initiate) { initiate_ = std::move(initiate); }
  void begin();
  void on_server_event();  ///< server().ready has news
  void on_deadline();
  /// The server that had been arrived at ended before a byte passed either way: go on to another.
  void next_server(login::Attempt::Outcome outcome);

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] Failure failure() const noexcept { return failure_; }
  [[nodiscard]] Now deadline() const noexcept { return deadline_; }
  [[nodiscard]] Endpoint& server() noexcept { return server_; }
  [[nodiscard]] const balance::Lease& lease() const noexcept { return lease_; }
  [[nodiscard]] balance::Lease& lease() noexcept { return lease_; }
  [[nodiscard]] Fd take_fd() noexcept { return std::move(fd_); }
  [[nodiscard]] std::span<const std::uint8_t> answer() const noexcept { return answer_; }
  /// The opening bytes that no server has been sent yet: the relay's first.
  [[nodiscard]] std::span<const std::uint8_t> unsent() const noexcept { return opening_.subspan(sent_); }
  [[nodiscard]] const std::vector<login::Attempt>& attempts() const noexcept { return attempts_; }
  [[nodiscard]] int retries() const noexcept { return retries_; }
  [[nodiscard]] bool redispatched() const noexcept { return redispatched_; }
  /// What the log tells of the queue.
  struct Waited {
    Millis time{-1};                        ///< -1: never had a server nor waited for one
    std::uint32_t server = 0, backend = 0;  ///< its turn in the queue of a server, or in that for any: 1 is the first
  };
  [[nodiscard]] Waited waited();
  [[nodiscard]] Now connected_at() const noexcept { return connected_at_; }
  [[nodiscard]] const LiveServer* last_server() const noexcept;
  /// Of the last connection to a server, also of one that came to nothing.
  [[nodiscard]] const SocketAddress& target() const noexcept { return target_; }
  [[nodiscard]] const SocketAddress& source() const noexcept { return source_; }
  /// Servers that are not asked again: each was given up.
  [[nodiscard]] const std::vector<balance::ServerIndex>& tried() const noexcept { return tried_; }

 private:
  class Ticket;  // the place in the queue; may outlive the approach by a moment
  void search();
  void find_server();
  void find_only();
  void try_same_again();
  void place_taken(balance::Lease lease);
  void note_queue();
  void dial_server();
  void connected();
  [[nodiscard]] bool introduce();
  void secure();
  void ready();
  void say_login();
  void read_answer();
  [[nodiscard]] std::string why_broken() const;
  void judge_answer();
  void go_on(std::span<const std::uint8_t> heard);
  [[nodiscard]] bool say(std::span<const std::uint8_t> bytes, std::size_t& sent);
  void attempt_failed(login::Attempt::Outcome outcome, Failure failure, std::string text = {});
  void count_failed(const LiveServer& server, Failure failure);
  void fail(Failure failure);
  [[nodiscard]] balance::Answer ask_pool(Ticket& ticket) const;
  void login_accepted();
  void hang_up();
  [[nodiscard]] bool waits_for_answer() const noexcept { return verdict_.resendable; }
  [[nodiscard]] Now in(Millis timeout) const;

  Loop& loop_;
  Owner& owner_;
  LiveBackend& backend_;
  IpAddress client_;
  std::span<const std::uint8_t> opening_;
  const login::Opening& verdict_;
  State state_ = State::queued;
  Failure failure_ = Failure::none;
  Now deadline_ = Now::max(), began_{}, connected_at_{};
  Waited waited_;
  balance::Answer queued_;  ///< while it is queued: when it came
  std::shared_ptr<Ticket> ticket_;
  balance::Lease lease_;
  balance::ServerIndex last_ = balance::kNoServer, preferred_ = balance::kNoServer, only_ = balance::kNoServer;
  Endpoint server_;
  Fd fd_;
  SocketAddress target_, source_;  ///< source_: known once the connection is over
  std::size_t sent_ = 0;
  std::vector<std::uint8_t> answer_;
  Initiate initiate_;                  ///< null: a server has arrived with the first frame of its consent
  std::optional<SaslLogin> dialogue_;  ///< with this server
  std::vector<std::uint8_t> replies_;  ///< of the dialogue
  std::size_t replied_ = 0;
  std::vector<balance::ServerIndex> tried_, refused_;  ///< refused_: those that had this login, and did not take it
  std::vector<login::Attempt> attempts_;
  int retries_ = 0;
  bool searching_ = false, redispatched_ = false;
};

}  // namespace kerbgate::net
