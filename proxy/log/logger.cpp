#include "log/logger.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <ctime>
#include <deque>

#include "log/sink.hpp"

namespace kerbgate::log {
namespace {

using config::LogFormat;
using config::LogTarget;

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

struct Logger::State {
  struct Target {
    LogTarget conf;
    std::unique_ptr<Sink> sink;
    std::atomic<std::uint64_t> missed{0};
  };

  std::string tag;
  std::string host = host_name();
  OpenUnix open_unix;
  UdpSockets udp;
  std::deque<Target> targets;
  std::atomic<std::uint64_t> dropped{0};
  bool wants_json = false;

  void add(LogTarget conf) {
    Target& target = targets.emplace_back();
    target.sink = open(conf);
    target.conf = std::move(conf);
    wants_json = wants_json || target.conf.format == LogFormat::json;
  }
  std::unique_ptr<Sink> open(const LogTarget& conf) {
    switch (conf.kind) {
      case LogTarget::Kind::udp:
        return make_udp_sink(conf, udp);
      case LogTarget::Kind::unix_socket:
        return make_unix_sink(conf.address, open_unix, std::chrono::steady_clock::now);
      case LogTarget::Kind::out:
        return make_stream_sink(STDOUT_FILENO);
      case LogTarget::Kind::err:
        break;
    }
    return make_stream_sink(STDERR_FILENO);
  }

  bool put(Target& target, Priority priority, std::string_view message, std::string_view object) {
    const auto now = std::chrono::system_clock::now();
    const bool as_object = !object.empty() && (target.conf.format == LogFormat::json || message.empty());
    // The process asks for its number each time: it may have forked since.
    std::string line = as_object ? render_object(target.conf, priority, object, now, host, tag, getpid())
                                 : render(target.conf, priority, message, now, host, tag, getpid());
    return target.sink->put(line);
  }

  /// Tells the target what it has missed. False when it still takes nothing.
  bool catch_up(Target& target) {
    const std::uint64_t missed = target.missed.exchange(0);
    if (missed == 0) return true;
    const auto priority = static_cast<Priority>(std::min(static_cast<int>(Priority::warning), target.conf.level));
    const std::string report =
        "kerbgate: " + std::to_string(missed) + (missed == 1 ? " message dropped" : " messages dropped");
    if (put(target, priority, report, {})) return true;
    target.missed += missed;
    return false;
  }

  void send(Target& target, Priority priority, std::string_view message, std::string_view object) noexcept {
    if (static_cast<int>(priority) > target.conf.level) return;
    try {
      if (catch_up(target) && put(target, priority, message, object)) return;
    } catch (...) {
      // No memory for a line: it is lost like any other that cannot go.
    }
    ++target.missed;
    ++dropped;
  }
};

Logger::Logger(std::vector<LogTarget> targets, std::string tag, OpenUnix open_unix)
    : state_(std::make_unique<State>()) {
  tzset();  // while the zone's file is in reach
  state_->tag = std::move(tag);
  state_->open_unix = std::move(open_unix);
  for (LogTarget& target : targets) state_->add(std::move(target));
}

Logger::~Logger() = default;

void Logger::send(Priority priority, std::string_view message) noexcept { send(priority, message, {}); }

void Logger::send(Priority priority, std::string_view message, std::string_view object) noexcept {
  for (State::Target& target : state_->targets) state_->send(target, priority, message, object);
}

bool Logger::wants_json() const noexcept { return state_->wants_json; }
std::uint64_t Logger::dropped() const noexcept { return state_->dropped; }
bool Logger::empty() const noexcept { return state_->targets.empty(); }

}  // namespace kerbgate::log
