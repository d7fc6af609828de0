#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "support/socket.hpp"

namespace kerbgate::e2e {

/// A stand-in for impalad's web page (port 25000): a few paths with fixed answers, behind a password if wanted.
class WebPage {
 public:
  enum class Auth { none, basic, digest, negotiate };

  /// As a coordinator that runs `queries`: /healthz, /?json, /jsonmetrics. `certificate` (PEM): TLS.
  explicit WebPage(const std::string& address, int queries = 0, const std::string& certificate = "",
                   std::uint16_t port = 0);
  ~WebPage();
  WebPage(const WebPage&) = delete;
  WebPage& operator=(const WebPage&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  /// 404 is what other paths answer.
  void set(const std::string& path, int status, const std::string& body);
  void remove(const std::string& path);
  /// What impalad says of itself: `/?json` and its neighbours.
  void say_quiescing(bool quiescing);
  void say_queries(int queries);
  /// `ask alice:secret` from now on.
  void demand(Auth auth, const std::string& user, const std::string& password);

 private:
  struct Page {
    int status = 200;
    std::string body;
  };
  void run();
  void answer(Socket& socket);
  [[nodiscard]] bool proves(const std::string& authorization, const std::string& path) const;

  Listener listener_;
  std::shared_ptr<TlsSide> tls_;
  mutable std::mutex mutex_;
  std::map<std::string, Page> pages_;
  Auth auth_ = Auth::none;
  std::string user_, password_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace kerbgate::e2e
