#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/listener.hpp"
#include "net/live.hpp"
#include "net/loop.hpp"
#include "net/socket.hpp"

/// A listener, its connections and their servers in one process: sockets and the loop are real, the configuration is
/// plain values. No wait depends on the clock but those for a line or a byte, which have patience.
namespace kerbgate::net {

using namespace std::chrono_literals;

inline constexpr std::chrono::milliseconds kPatience = 10s;

inline SocketAddress loopback() { return {*IpAddress::parse("127.0.0.1"), 0}; }

inline bool readable(int fd, std::chrono::milliseconds within) {
  pollfd ready{fd, POLLIN, 0};
  return ::poll(&ready, 1, int(within.count())) == 1;
}

/// One end of a TCP connection, blocking with patience.
class Peer {
 public:
  explicit Peer(Fd fd) : fd_(std::move(fd)) {}
  static Peer to(const SocketAddress& address) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), address.data(), address.size()), 0);
    return Peer(std::move(fd));
  }

  void say(std::string_view text, int flags = 0) {
    EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), flags | MSG_NOSIGNAL), ssize_t(text.size()));
  }
  /// `size` bytes; fewer at the end of the stream; then ended() or broken() is set.
  std::string hear(std::size_t size) {
    std::string all(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      if (!readable(fd_.get(), kPatience)) {
        ADD_FAILURE() << "heard " << have << " of " << size << " bytes";
        break;
      }
      const ssize_t got = ::recv(fd_.get(), all.data() + have, size - have, 0);
      ended_ = got == 0;
      broken_ = got < 0;
      if (got <= 0) break;
      have += std::size_t(got);
    }
    all.resize(have);
    return all;
  }
  void half_close() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  Fd fd_;
  bool ended_ = false, broken_ = false;
};

/// A server's port.
class Port {
 public:
  Port() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const SocketAddress any = loopback();
    EXPECT_EQ(::bind(fd_.get(), any.data(), any.size()), 0);
    EXPECT_EQ(::listen(fd_.get(), 16), 0);
  }
  [[nodiscard]] SocketAddress address() const { return SocketAddress::local(fd_.get()); }
  [[nodiscard]] bool pending(std::chrono::milliseconds within = 0ms) const { return readable(fd_.get(), within); }
  Peer accept() {
    EXPECT_TRUE(pending(kPatience)) << "nobody came";
    return Peer(Fd(pending() ? ::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC) : -1));
  }

 private:
  Fd fd_;
};

class Proxied : public ::testing::Test {
 protected:
  Proxied() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    log_ = Fd(ends[0]);
    config::LogTarget target;
    target.kind = config::LogTarget::Kind::unix_socket;
    target.address = "log";
    target.format = config::LogFormat::raw;
    logger_ =
        std::make_shared<log::Logger>(std::vector{target}, "test", [fd = ends[1]](const std::string&) { return fd; });
    back_->conf.name = "back";
    back_->conf.redispatch = true;
    back_->conf.connect_timeout = 10s;
    front_->conf.name = "front";
    front_->conf.tcplog = true;
    front_->backend = back_;
    front_->logger = logger_;
    front_->process = process_;
    door_->frontend = front_;
    pool_.name = "back";
    pool_.algorithm = balance::Algorithm::first;
  }

  ~Proxied() override {
    if (!thread_.joinable()) return;
    on_loop([this] { listener_->stop(); });
    for (const auto until = Clock::now() + kPatience; process_->connections != 0;) {
      on_loop([] {});
      if (Clock::now() > until) {
        ADD_FAILURE() << process_->connections << " connections stay";
        break;
      }
    }
    loop_.stop();
    thread_.join();
  }

  void add_server(const SocketAddress& address, std::uint32_t maxconn = 0) {
    const std::string name = "s" + std::to_string(back_->servers.size() + 1);
    back_->servers.push_back({name, address.str(), {address}, address});
    pool_.servers.push_back({name, address.str(), 1, false, false, maxconn, 0, {}});
  }

  void serve() {
    back_->pool = balance::Pool::make(pool_);
    Result<Fd> fd = listen_on(loopback(), {}, 16, false);
    ASSERT_TRUE(fd.ok());
    door_fd_ = fd->get();
    where_ = SocketAddress::local(door_fd_);
    listener_ = Listener::start(loop_, std::move(*fd), door_);
    thread_ = std::thread([this] { loop_.run(); });
  }

  Peer client() { return Peer::to(where_); }

  /// Runs on the loop's thread, and with it all that was due before.
  template <class Work>
  void on_loop(Work work) {
    std::promise<void> done;
    loop_.post([&] {
      work();
      done.set_value();
    });
    done.get_future().get();
  }

  /// The next line of the log.
  std::string line(std::chrono::milliseconds within = kPatience) {
    char text[4096];
    if (!readable(log_.get(), within)) return "(no line)";
    const ssize_t got = ::recv(log_.get(), text, sizeof text, 0);
    return {text, std::size_t(std::max<ssize_t>(got, 0))};
  }

  Loop loop_;
  Fd log_;
  std::shared_ptr<log::Logger> logger_;
  std::shared_ptr<Process> process_ = std::make_shared<Process>();
  std::shared_ptr<LiveBackend> back_ = std::make_shared<LiveBackend>();
  std::shared_ptr<LiveFrontend> front_ = std::make_shared<LiveFrontend>();
  std::shared_ptr<Door> door_ = std::make_shared<Door>();
  balance::PoolConf pool_;
  SocketAddress where_;
  std::shared_ptr<Listener> listener_;
  int door_fd_ = -1;
  std::thread thread_;
};

}  // namespace kerbgate::net
