#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "kerbgate/result.hpp"
#include "kerbgate/secret.hpp"
#include "net/fd.hpp"

namespace kerbgate::keeper {

/// What keeper and worker say to each other.
enum class Word : std::uint8_t {
  outfit,        ///< keeper: serve this (a packed Outfit)
  certificates,  ///< keeper: these TLS files from now on (a packed Outfit with nothing but them and notices)
  keytabs,       ///< keeper: these keytabs from now on (likewise)
  notices,       ///< keeper: log this (a packed Outfit with nothing but notices)
  log_sockets,   ///< keeper: the log's sockets are others now (a packed Outfit with nothing but them)
  servers,       ///< keeper: these servers are elsewhere now (a packed Outfit with placements, nameservers, notices)
  handles,       ///< keeper: sessions of late login that another process knows (a packed Outfit with nothing but them);
                 ///< worker: those known here (a descriptor: a file of hs2::encode's form)
  save,          ///< keeper: say `handles` if they have changed since the last time
  stop,          ///< keeper: end now; `handles` comes before the end
  drain,         ///< keeper: accept no more, end when the last connection has; likewise
  ping,          ///< keeper: do all loops turn?
  applied,       ///< worker: the outfit is in force
  alive,         ///< worker: every loop has turned since the ping
  rename,        ///< worker: a server has another name from now on ("backend\nserver\nname")
};

struct Message {
  Word word = Word::stop;
  Secret bytes;  ///< an outfit holds keys
  std::vector<net::Fd> fds;
};

/// One end of a socket pair that carries messages with descriptors. send() and receive() block: the peer is this
/// program itself. Who has other things to do than to wait for it post()s.
class Channel {
 public:
  static Result<std::pair<Channel, Channel>> pair();

  Result<void> send(Word word, std::span<const std::uint8_t> bytes = {}, std::span<const int> fds = {});
  /// Keeps the message, copies of the descriptors with it, and sends what the peer takes now.
  Result<void> post(Word word, std::span<const std::uint8_t> bytes = {}, std::span<const int> fds = {});
  /// Sends what the peer takes now of what was posted.
  Result<void> flush();
  [[nodiscard]] bool pending() const noexcept { return !outbox_.empty(); }
  /// How long the peer has taken nothing of what is pending.
  [[nodiscard]] std::chrono::steady_clock::duration stuck_for() const;
  /// Errc::not_found when the peer has gone.
  Result<Message> receive();
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  void close() noexcept { fd_.reset(); }

 private:
  explicit Channel(net::Fd fd) : fd_(std::move(fd)) {}
  /// Bytes, or else one batch of descriptors.
  struct Piece {
    Secret bytes;
    std::size_t sent = 0;
    std::vector<net::Fd> fds;
  };
  Result<bool> push(Piece& piece) const;

  net::Fd fd_;
  std::deque<Piece> outbox_;
  std::chrono::steady_clock::time_point moved_{};  ///< when the peer last took something, or the first was posted
};

}  // namespace kerbgate::keeper
