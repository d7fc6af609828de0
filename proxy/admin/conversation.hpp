#pragma once

#include <functional>
#include <memory>
#include <string>

#include "admin/command.hpp"
#include "net/fd.hpp"
#include "net/loop.hpp"
#include "net/relay.hpp"

namespace kerbgate::admin {

/// One user of a runtime socket: lines in, answers out, one command at a time. Whoever sends a line without an end, or
/// reads nothing, costs at most what he has asked for, and no longer than `stats timeout`.
class Conversation final : public std::enable_shared_from_this<Conversation>, private net::Watcher, private net::Timer {
 public:
  /// `ended` is told once, when the peer is gone or let go.
  Conversation(Site& site, net::Fd fd, UserState user, std::function<void(Conversation&)> ended);
  ~Conversation();
  void begin();

 private:
  void on_event(int side, std::uint32_t events) override;
  void on_timer() override;
  void go_on();
  bool flush();
  bool read_more();
  [[nodiscard]] bool next_command(std::string& line);
  void run(const std::string& line);
  void answer(const std::string& text);
  void end();
  void wait();

  static constexpr std::size_t kLongestLine = 16384;

  Site& site_;
  net::Loop& loop_;  ///< the site's home; outlives it
  net::Fd fd_;
  net::Watch watch_{this, 0};
  net::Endpoint end_;
  UserState user_;
  std::function<void(Conversation&)> ended_;
  std::string in_, out_;
  std::size_t sent_ = 0;
  bool busy_ = false, going_ = false, heard_all_ = false, spoke_ = false;
};

}  // namespace kerbgate::admin
