#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/process.hpp"
#include "support/tls.hpp"

/// Blocking TCP with a deadline: what a test, the coordinator and the shell speak with.
namespace kerbgate::e2e {

struct EndOfStream : std::runtime_error {
  using runtime_error::runtime_error;
};
struct ConnectionReset : std::runtime_error {
  using runtime_error::runtime_error;
};
/// A TLS stream ended without close_notify.
struct Cut : std::runtime_error {
  using runtime_error::runtime_error;
};
struct TimedOut : std::runtime_error {
  using runtime_error::runtime_error;
};

class Socket {
 public:
  explicit Socket(int fd, std::chrono::seconds timeout = kPatience);
  /// Host by the system's resolver (IPv4), or an IPv6 address; `source`: the address to come from, empty: the system's
  /// choice.
  static Socket connect(const std::string& host, std::uint16_t port, const std::string& source = "");
  /// A UNIX stream socket.
  static Socket connect_unix(const std::string& path);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  /// From now on everything goes through TLS. Throws what the handshake throws.
  void secure(std::shared_ptr<TlsSide> side);
  /// Null before secure().
  [[nodiscard]] const TlsStream* tls() const noexcept { return tls_.get(); }

  void send(std::string_view bytes);
  /// From now on send() gives the system no more than so many bytes at once, each piece in a segment of its own.
  void limit_segments(std::size_t bytes);
  /// Returns when the other end's system has acknowledged all that was sent.
  void wait_until_acknowledged();
  /// At least one byte, at most `max`; empty at the end of the stream.
  std::string read_some(std::size_t max = 65536);
  /// Exactly `n`, or EndOfStream.
  std::string read(std::size_t n);
  /// All up to the end of the stream.
  std::string read_all();
  void shutdown_write();  ///< under TLS: close_notify first
  /// RST instead of FIN; what is not sent yet is lost.
  void reset();
  void close();                            ///< under TLS: close_notify first
  void cut();                              ///< FIN alone, whatever TLS would say
  [[nodiscard]] std::string peer() const;  ///< `address:port`
  [[nodiscard]] std::string local() const;

 private:
  /// What TLS refers to while the object moves.
  struct Wire {
    int fd = -1;
    std::size_t segment = std::string_view::npos;
    void send(std::string_view bytes) const;
    [[nodiscard]] std::string read(std::size_t max) const;
  };
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<TlsStream> tls_;
};

class Listener {
 public:
  /// Port 0: one that is free. Throws std::system_error, EADDRINUSE among others.
  explicit Listener(const std::string& host = "127.0.0.1", std::uint16_t port = 0);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string local() const;
  /// A negative limit: none.
  Socket accept(std::chrono::milliseconds limit = kPatience, std::chrono::seconds timeout_of_socket = kPatience);
  /// Whether a connection waits to be accepted now.
  [[nodiscard]] bool pending() const;

 private:
  int fd_;
};

/// A port of `host` that was free a moment ago, and at which nobody listened under any other address either:
/// is_listening() could not tell them apart. Another process may take it: whoever hands it on retries.
std::uint16_t free_port(const std::string& host = "127.0.0.1");

/// Whether some process listens on `port` (any address), seen without connecting.
bool is_listening(std::uint16_t port);

}  // namespace kerbgate::e2e
