#pragma once

#include <cstdint>
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
  stop,          ///< keeper: end now
  drain,         ///< keeper: accept no more, end when the last connection has
  applied,       ///< worker: the outfit is in force
};

struct Message {
  Word word = Word::stop;
  Secret bytes;  ///< an outfit holds keys
  std::vector<net::Fd> fds;
};

/// One end of a socket pair that carries messages with descriptors. Calls block: the peer is this program itself.
class Channel {
 public:
  static Result<std::pair<Channel, Channel>> pair();

  Result<void> send(Word word, std::span<const std::uint8_t> bytes = {}, std::span<const int> fds = {});
  /// Errc::not_found when the peer has gone.
  Result<Message> receive();
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  void close() noexcept { fd_.reset(); }

 private:
  explicit Channel(net::Fd fd) : fd_(std::move(fd)) {}
  net::Fd fd_;
};

}  // namespace kerbgate::keeper
