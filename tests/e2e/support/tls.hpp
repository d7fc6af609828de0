#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

/// OpenSSL behind a test's blocking socket. Ciphertext goes through memory, so that the socket's own ways (segments,
/// deadlines) hold for it too.
namespace kerbgate::e2e {

struct TlsOptions {
  std::string certificate;    ///< a PEM file with certificate and key; of a server: needed
  std::string ca;             ///< a PEM file: the peer's certificate is verified; empty: anybody's is taken
  std::string name;           ///< of a client: asked for by SNI, and held against the certificate where there is a `ca`
  bool require_peer = false;  ///< of a server: without a client certificate nobody comes in
};

/// What a server's or a client's connections have in common: its sessions too.
class TlsSide {
 public:
  static std::shared_ptr<TlsSide> server(const TlsOptions& options);
  static std::shared_ptr<TlsSide> client(const TlsOptions& options);
  ~TlsSide();

 private:
  friend class TlsStream;
  TlsSide();
  struct State;
  std::unique_ptr<State> state_;
};

class TlsStream {
 public:
  using Send = std::function<void(std::string_view)>;
  using Receive = std::function<std::string()>;  ///< at least one byte, empty at the end of the stream

  /// Shakes hands; throws std::runtime_error with OpenSSL's words.
  TlsStream(std::shared_ptr<TlsSide> side, Send send, Receive receive);
  ~TlsStream();

  void write(std::string_view bytes);
  /// Empty at close_notify. A stream that ends without one throws Cut (socket.hpp).
  std::string read(std::size_t max);
  void close_notify();
  [[nodiscard]] bool resumed() const;
  [[nodiscard]] std::string peer_subject() const;  ///< "CN=..."
  [[nodiscard]] std::string version() const;

 private:
  void push();
  bool pull();
  void fail(const char* doing) const;

  std::shared_ptr<TlsSide> side_;
  struct State;
  std::unique_ptr<State> state_;
  Send send_;
  Receive receive_;
};

}  // namespace kerbgate::e2e
