#pragma once

#include "http.hpp"
#include "proxy_config.hpp"
#include "runtime.hpp"
#include "support/proxy.hpp"

/// A proxy of one listener with one server, and a stats page.
namespace kerbgate::e2e {

class PagedProxy {
 public:
  explicit PagedProxy(const std::string& stats = " stats auth admin:secret\n stats admin if TRUE\n",
                      const std::string& more = "", const std::string& globals_more = "")
      : text_(globals(globals_more) + listen("one", "127.0.0.1", "leastconn", server("s", backend_.local())) + more),
        proxy_(KERBGATE_PROXY, dir_, {}, text_ + page(stats)) {}

  static std::string page(const std::string& stats) {
    return "listen stats\n mode http\n bind 127.0.0.1:@stats@\n stats enable\n" + stats;
  }
  void reload(const std::string& stats) { proxy_.reload(text_ + page(stats)); }
  [[nodiscard]] std::uint16_t port() const { return proxy_.port("stats"); }
  [[nodiscard]] HttpAnswer get(const std::string& target) const { return http(port(), target); }
  [[nodiscard]] std::map<std::string, std::string> row(const std::string& name) const {
    return stat_rows(get("/;csv").body).at(name);
  }
  /// The token of the page's forms, as user admin.
  [[nodiscard]] std::string token() const {
    const std::string body = get("/").body;
    const std::string mark = "name=token value=\"";
    const std::size_t at = body.find(mark);
    return at == std::string::npos ? "" : body.substr(at + mark.size(), 32);
  }
  /// A client of the listener and its server side.
  std::pair<Socket, Socket> session() {
    Socket client = Socket::connect("127.0.0.1", proxy_.port("one"));
    Socket served = backend_.accept();
    client.send("ping");
    served.read(4);
    return {std::move(client), std::move(served)};
  }
  /// Asks until `fits` holds, after each line of output or a short while, or patience ends.
  template <class Fits>
  bool comes_true(Fits fits) {
    constexpr std::chrono::milliseconds kLook{20};
    const auto until = std::chrono::steady_clock::now() + kPatience;
    for (std::size_t seen = 0; std::chrono::steady_clock::now() < until;
         seen = proxy_.process().wait_for_news(seen, kLook))
      if (fits()) return true;
    return false;
  }
  Proxy& proxy() { return proxy_; }
  Listener& backend() { return backend_; }

 private:
  TempDir dir_;
  Listener backend_;
  std::string text_;
  Proxy proxy_;
};

}  // namespace kerbgate::e2e
