#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace kerbgate::bench {

class Loop;

/// Somebody whose descriptor the loop watches.
class Watched {
 public:
  virtual ~Watched() = default;
  /// `events` of epoll; EPOLLIN alone when it had asked to go on.
  virtual void on_event(std::uint32_t events) = 0;

 private:
  friend class Loop;
  bool waits_ = false, gone_ = false;
};

/// Edge-triggered epoll of one thread.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void watch(int fd, Watched& watched) const;
  /// Its share of this turn is used up: called again in the next.
  void again(Watched& watched);
  /// Destroys it once nobody can call it any more.
  void retire(std::unique_ptr<Watched> watched);
  /// Waits up to so long for an event, then calls everybody who has one.
  void turn(int milliseconds);

 private:
  int epoll_;
  std::vector<Watched*> waiting_, going_on_;
  std::vector<std::unique_ptr<Watched>> retired_;
};

}  // namespace kerbgate::bench
