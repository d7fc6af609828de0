#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "config/config.hpp"

namespace kerbgate::log {

/// One place that takes lines. put() never blocks, may be called from any thread, and says whether the line went; it
/// may lengthen the line it is given.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual bool put(std::string& line) = 0;
};

/// A descriptor that is closed in the end.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  void reset(int fd = -1);

 private:
  int fd_;
};

/// The UDP sockets that all targets share, one for each family, opened when first wanted.
struct UdpSockets {
  Descriptor v4, v6;
};

std::unique_ptr<Sink> make_udp_sink(const config::LogTarget& target, UdpSockets& sockets);
/// `open` as Logger's open_unix. A socket that no longer leads anywhere is replaced, at most once a second of `now`.
using SteadyTime = std::chrono::steady_clock::time_point;
std::unique_ptr<Sink> make_unix_sink(const std::string& path, std::function<int(const std::string&)> open,
                                     std::function<SteadyTime()> now);
/// Standard output or error, which other processes may write to as well.
std::unique_ptr<Sink> make_stream_sink(int fd);

}  // namespace kerbgate::log
