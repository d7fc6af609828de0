#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hs2/answer.hpp"
#include "hs2/handles.hpp"
#include "net/approach.hpp"
#include "net/late/downlink.hpp"
#include "net/late/token.hpp"
#include "net/late/uplink.hpp"
#include "net/relay.hpp"

namespace kerbgate::net::late {

/// The path of the bytes of a client whose login was completed here: its calls go to the coordinator that its first
/// one chose, but for those whose handle another has made. That one gets a login of its own, with the same token.
class Session final : public DataPath, private Approach::Owner {
 public:
  /// What a session stands in; all of it outlives the session.
  struct Place {
    Loop& loop;
    Watcher& watcher;  ///< of the servers that come later: sides from kFirstSide on
    Approach::Owner& connection;
    hs2::Handles& handles;
    hs2::Handles::Clock::duration lifetime;  ///< of a handle after its last use
    IpAddress client;
  };
  static constexpr int kFirstSide = 2;

  Session(Place place, Token token);
  ~Session() override;

  // Until there is a server.
  /// What the client said behind its login.
  void preload(std::span<const std::uint8_t> bytes) { up_.preload(bytes, place_.loop); }
  Uplink::Status listen(Endpoint& client) { return up_.run(client, nullptr, place_.loop); }
  /// Where the first call's handle was made, host:port; empty: anywhere.
  [[nodiscard]] std::string owner_of_call();
  [[nodiscard]] const hs2::Message& call() const noexcept { return up_.call(); }
  [[nodiscard]] Token& token() noexcept { return token_; }
  /// Bytes of the login itself, which the session has not moved.
  void count_login(std::uint64_t from_client, std::uint64_t to_client) noexcept {
    login_in_ += from_client;
    login_out_ += to_client;
  }
  /// The first server. `asked`: those that have heard the token too. Again, when another takes the place of one that
  /// left an untouched session.
  void start(LiveBackend& backend, balance::ServerIndex server, std::vector<balance::ServerIndex> asked,
             std::span<const std::uint8_t> heard);

  State turn(Endpoint& client, Endpoint& first, Loop& loop) override;
  void stop(Loop& loop) override;
  void on_event(int side, std::uint32_t events);  ///< of a later server; a turn is due
  void on_deadline();
  [[nodiscard]] Now deadline() const noexcept;

  /// With State::told: the words, and the frame in which the client is to read them.
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  /// `text` as the answer to the call that is due.
  [[nodiscard]] std::vector<std::uint8_t> failure(const std::string& text) const { return hs2::failure(call_, text); }
  /// Notes for the log, since this was last asked.
  std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }

  [[nodiscard]] Side culprit() const noexcept override { return culprit_; }
  [[nodiscard]] std::uint64_t from_client() const noexcept override { return login_in_ + up_.bytes(); }
  [[nodiscard]] std::uint64_t to_client() const noexcept override { return login_out_ + down_.bytes(); }
  [[nodiscard]] bool in_flight() const noexcept override { return up_.in_flight() || down_.in_flight(); }
  [[nodiscard]] bool half_closed() const noexcept override { return up_over_ != down_.finished(); }
  [[nodiscard]] bool untouched() const noexcept override { return up_.idle() && down_.idle(); }

 private:
  /// A server beside the first.
  struct Leg {
    Leg(Watcher& watcher, int side, balance::ServerIndex of) : watch{&watcher, side}, index(of) {}
    Watch watch;
    balance::ServerIndex index;
    std::string who;                     ///< as Session::who() said when it arrived
    std::unique_ptr<Approach> approach;  ///< while it comes
    Endpoint server;
    Fd fd;
    balance::Lease lease;
  };
  enum class Ruling : std::uint8_t { go, wait, told };

  void on_approach() override {}
  Watch& server_watch() override { return coming_->watch; }
  login::Ends ends() override { return place_.connection.ends(); }
  std::string asked_name() override { return place_.connection.asked_name(); }

  Ruling decide();
  Ruling go();
  Ruling tell(const std::string& why);
  Ruling turn_to(balance::ServerIndex server);
  Ruling log_in_at(balance::ServerIndex server);
  Ruling look_after_coming();
  void learn();
  State answer_is_missing();
  bool pass_end(Endpoint& first, Loop& loop);
  /// Who stands there now, host:port: of a server that is looked up another than before, and than its neighbours.
  [[nodiscard]] std::string who(balance::ServerIndex index) const { return backend_->pool->view_of(index).key; }
  [[nodiscard]] const std::string& current_who() const noexcept { return current_ ? current_->who : first_who_; }
  [[nodiscard]] balance::ServerIndex server_at(const std::string& where) const;
  [[nodiscard]] balance::ServerIndex current_index() const noexcept { return current_ ? current_->index : first_; }
  [[nodiscard]] const LiveServer& server(balance::ServerIndex index) const { return backend_->servers[index]; }

  Place place_;
  Token token_;
  Now stale_at_;
  LiveBackend* backend_ = nullptr;
  balance::ServerIndex first_ = balance::kNoServer;
  std::string first_who_;
  std::vector<balance::ServerIndex> asked_;  ///< the token has been said to them
  Uplink up_;
  Downlink down_;
  hs2::Message call_;  ///< the last one that was decided on
  std::vector<std::unique_ptr<Leg>> legs_;
  Leg* current_ = nullptr;  ///< null: the first server
  Leg* coming_ = nullptr;
  std::uint64_t login_in_ = 0, login_out_ = 0;
  Side culprit_ = Side::client;
  bool up_dead_ = false, up_over_ = false, unknown_noted_ = false;
  std::string why_;
  std::vector<std::string> notes_;
};

}  // namespace kerbgate::net::late
