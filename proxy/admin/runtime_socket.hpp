#pragma once

#include <memory>
#include <set>
#include <vector>

#include "admin/conversation.hpp"
#include "admin/site.hpp"

namespace kerbgate::admin {

/// Accepts on one runtime socket, on the site's home loop. Beyond `most` users the next wait in the kernel's queue.
class RuntimeSocket final : private net::Watcher, private net::Timer {
 public:
  RuntimeSocket(Site& site, net::Fd fd);
  ~RuntimeSocket();
  RuntimeSocket(const RuntimeSocket&) = delete;
  RuntimeSocket& operator=(const RuntimeSocket&) = delete;

  /// What holds for users that come from here on.
  void adopt(RuntimeLevel level, net::Millis timeout, std::uint32_t most);

 private:
  void on_event(int side, std::uint32_t events) override;
  void on_timer() override;
  void watch(bool on);
  void ended(Conversation& one);

  Site& site_;
  net::Fd fd_;
  net::Watch watch_{this, 0};
  UserState user_;
  std::uint32_t most_ = 10;
  bool watching_ = false;
  std::set<std::shared_ptr<Conversation>> conversations_;
};

}  // namespace kerbgate::admin
