#pragma once

#include <memory>
#include <string>
#include <vector>

#include "admin/site.hpp"
#include "net/fd.hpp"
#include "net/tls/context.hpp"
#include "page/answer.hpp"

namespace kerbgate::page {

/// One bind line of a page.
struct Gate {
  std::string key;           ///< config::Bind::key()
  std::vector<net::Fd> fds;  ///< not looked at where a gate of this key is open already
  std::shared_ptr<const Page> page;
  std::shared_ptr<net::tls::Current> tls = nullptr;  ///< null: in clear
};

/// Serves stats pages over HTTP/1.1, on a thread of its own: a page of thousands of servers holds up no connection.
/// The home loop is asked for snapshots, one at a time however many wait, and does the changes. At most kConnections
/// users: the one that has been silent longest gives way to the next. What has not sent a request in time is closed.
class HttpServer {
 public:
  explicit HttpServer(admin::Site& site);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// These gates and no others, from here on. On the home loop, as stop().
  void adopt(std::vector<Gate> gates);
  /// Accepts no more; what is being answered is answered.
  void stop() { adopt({}); }

  static constexpr std::size_t kConnections = 64;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace kerbgate::page
