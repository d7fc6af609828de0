#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <thread>

#include "expect.hpp"
#include "moving_clock.hpp"
#include "proc.hpp"
#include "proxy_config.hpp"
#include "runtime.hpp"
#include "support/proxy.hpp"
#include "support/realm.hpp"
#include "support/socket.hpp"

/// Hostile servers, and a host that lacks something: descriptors, memory of slow clients, a clock, a log server.
namespace kerbgate::e2e {
namespace {

class ProxyHostile : public testing::Test {
 protected:
  void start(const std::string& servers, const std::string& more_global = "", const Environment& environment = {}) {
    proxy_ = std::make_unique<Proxy>(KERBGATE_PROXY, dir_, environment,
                                     globals("  stats socket " + path_ + " level admin\n" + more_global) +
                                         listen("one", "127.0.0.1", "roundrobin", servers));
  }
  Socket client() const { return Socket::connect("127.0.0.1", proxy_->port("one")); }
  static void expect_alive(Socket& client, Socket& served) {
    client.send("ping");
    EXPECT_EQ(served.read(4), "ping");
    served.send("pong");
    EXPECT_EQ(client.read(4), "pong");
  }
  [[nodiscard]] pid_t pid() const { return proxy_->process().pid(); }

  TempDir dir_;
  Listener backend_;
  const std::string path_ = dir_ / "admin.sock";
  std::unique_ptr<Proxy> proxy_;
};

TEST_F(ProxyHostile, AServerThatAcceptsAndResetsIsPassedOver) {
  Listener hostile;
  start(server("hostile", hostile.local()) + server("good", backend_.local()));
  int resets = 0;
  const auto served_after_resets = [&] {
    for (const auto until = std::chrono::steady_clock::now() + kPatience;;) {
      if (hostile.pending()) {
        hostile.accept().reset();
        ++resets;
      }
      try {
        return backend_.accept(std::chrono::milliseconds(20));
      } catch (const TimedOut&) {
        if (std::chrono::steady_clock::now() > until) throw;
      }
    }
  };
  for (int i = 0; i < 6; ++i) {
    Socket one = client();
    Socket served = served_after_resets();
    expect_alive(one, served);
  }
  EXPECT_GE(resets, 3);
}

TEST_F(ProxyHostile, AServerThatResetsWithoutAnotherEndsTheClientWithALine) {
  start("  retries 0\n" + server("hostile", backend_.local()));
  Socket one = client();
  backend_.accept().reset();
  EXPECT_THROW(one.read_all(), ConnectionReset);
  proxy_->process().wait_for_line("one one/hostile .* S[CD] ");
}

TEST_F(ProxyHostile, AnAnswerThatStallsEndsAfterTimeoutServerAndIsLogged) {
  start("  timeout server 300ms\n" + server("s", backend_.local()));
  Socket one = client();
  Socket served = backend_.accept();
  one.send("select");
  EXPECT_EQ(served.read(6), "select");
  served.send("half a res");
  EXPECT_EQ(one.read(10), "half a res");
  EXPECT_EQ(one.read_all(), "");
  EXPECT_EQ(served.read_all(), "");
  proxy_->process().wait_for_line("one one/s \\S+ 10 sD ");
}

TEST_F(ProxyHostile, BytesOneByOneArriveWholeBothWays) {
  start(server("s", backend_.local()));
  Socket one = client();
  Socket served = backend_.accept();
  std::string text;
  for (int i = 0; i < 2000; ++i) text += static_cast<char>('a' + i % 26);
  for (auto [from, to] : {std::pair{&one, &served}, std::pair{&served, &one}}) {
    from->limit_segments(1);
    std::thread sender([from = from, &text] { from->send(text); });
    EXPECT_EQ(to->read(text.size()), text);
    sender.join();
  }
}

/// What a server sends to clients that read nothing stays in the kernels' buffers and the server.
TEST_F(ProxyHostile, EndlessDataToSlowReadersCostsBoundedMemory) {
  start(server("s", backend_.local()));
  constexpr int kClients = 16;
  const long before = status_of(pid(), "VmHWM");
  ASSERT_GT(before, 0);
  std::vector<Socket> clients, servers;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(client());
    servers.push_back(backend_.accept(kPatience, std::chrono::seconds(1)));
  }
  std::vector<std::thread> writers;
  std::atomic<std::uint64_t> sent{0};
  for (Socket& one : servers)
    writers.emplace_back([&one, &sent] {
      const std::string block(1 << 20, 'x');
      try {
        for (;; sent += block.size()) one.send(block);
      } catch (const TimedOut&) {  // nobody takes any more
      }
    });
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(sent, kClients * (std::uint64_t{1} << 20)) << "nothing was held back";
  const long more = status_of(pid(), "VmHWM") - before;
  EXPECT_LT(more, kClients * 512) << "KiB";
  Socket another = client();
  Socket served = backend_.accept();
  expect_alive(another, served);
}

class WithFewDescriptors : public ProxyHostile {
 protected:
  /// Those that are open stay, and no other can be had.
  void take_descriptors() {
    rlim_t lowest = 0;
    while (std::filesystem::is_symlink("/proc/" + std::to_string(pid()) + "/fd/" + std::to_string(lowest))) ++lowest;
    set_limit(lowest);
  }
  void set_limit(rlim_t soft) {
    rlimit limit{};
    ASSERT_EQ(prlimit(pid(), RLIMIT_NOFILE, nullptr, &limit), 0);
    limit.rlim_cur = soft;
    ASSERT_EQ(prlimit(pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
  }
};

TEST_F(WithFewDescriptors, ItServesOnWaitsWithoutSpinningAndRecovers) {
  start(server("s", backend_.local()));
  Socket kept = client();
  Socket kept_served = backend_.accept();
  expect_alive(kept, kept_served);
  take_descriptors();
  Socket waiting = client();
  proxy_->process().wait_for_line("cannot accept connections: Too many open files; it tries again every 100 ms");
  const long ticks = ticks_of(pid()), wakes = status_of(pid(), "voluntary_ctxt_switches");
  for (int i = 0; i < 10; ++i) {
    expect_alive(kept, kept_served);
    EXPECT_THROW(backend_.accept(std::chrono::milliseconds(100)), TimedOut) << "there is no descriptor for it";
  }
  // A second of spinning is a hundred ticks, or as many wakes as the machine can do.
  EXPECT_LT(ticks_of(pid()) - ticks, 30);
  EXPECT_LT(status_of(pid(), "voluntary_ctxt_switches") - wakes, 500);
  set_limit(256);
  Socket served = backend_.accept();
  expect_alive(waiting, served);
}

TEST_F(WithFewDescriptors, ClientsBeyondTheLimitAreServedWhenOthersLeave) {
  const std::string file = dir_ / "few.cfg";
  const std::uint16_t port = free_port();
  write_file(file, globals("  stats socket " + path_ + "\n") + "listen one\n  bind 127.0.0.1:" + std::to_string(port) +
                       "\n" + server("s", backend_.local()));
  Process few({"sh", "-c", "ulimit -n 256; exec \"$0\" -f \"$1\"", KERBGATE_PROXY, file}, {});
  few.wait_for_line("the limit of 256 open files leaves room for \\d+ connections");
  few.wait_for_line("ready:");
  const std::string info = ask(path_, "show info");
  const std::size_t room = std::stoul(info.substr(info.find("\nMaxconn: ") + 10));
  ASSERT_GT(room, 10u);
  std::vector<std::pair<Socket, Socket>> pairs;
  for (std::size_t i = 0; i < room; ++i) {
    Socket one = Socket::connect("127.0.0.1", port);
    pairs.emplace_back(std::move(one), backend_.accept());
  }
  std::vector<Socket> waiting;
  for (int i = 0; i < 20; ++i) waiting.push_back(Socket::connect("127.0.0.1", port));
  for (auto& [one, served] : pairs) expect_alive(one, served);
  EXPECT_FALSE(backend_.pending());
  EXPECT_TRUE(contains(ask(path_, "show info"), "CurrConns: " + std::to_string(room) + "\n"));
  pairs.clear();
  for (Socket& one : waiting) {
    Socket served = backend_.accept();
    one.send("ping");
    EXPECT_EQ(served.read(4), "ping");
    pairs.emplace_back(std::move(one), std::move(served));
  }
  EXPECT_TRUE(few.running());
  few.signal(SIGTERM);
  EXPECT_EQ(few.wait(), 0);
}

TEST_F(ProxyHostile, APortThatIsTakenAtAReloadChangesNothing) {
  start(server("s", backend_.local()));
  Listener holder;
  proxy_->reload(globals() + listen("one", "127.0.0.1", "roundrobin", server("other", "127.0.0.1:1")) +
                 "listen two\n  bind " + holder.local() + "\n" + server("s", backend_.local()));
  proxy_->process().wait_for_line("reload refused, nothing has changed: .*listener two: cannot bind " + holder.local() +
                                  ".*another program listens there");
  Socket one = client();
  Socket served = backend_.accept();
  expect_alive(one, served);
}

/// As log lines have it.
std::string day_in(long seconds) {
  const std::time_t then = std::time(nullptr) + seconds;
  char day[16] = {};
  std::tm parts{};
  std::strftime(day, sizeof day, "%d/%b/%Y", localtime_r(&then, &parts));
  return day;
}

TEST_F(ProxyHostile, AClockThatJumpsEndsNoSessionAndNoTimeout) {
  MovingClock clock(dir_);
  start("  timeout client 60s\n  timeout server 60s\n" + server("s", backend_.local() + " check inter 20ms"), "",
        clock.environment());
  Socket one = client();
  Socket served = backend_.accept();
  expect_alive(one, served);
  for (const long jump : {864000, -864000, 0}) {
    clock.ahead(jump);
    expect_alive(one, served);
    Socket next = client();
    Socket next_served = backend_.accept();
    expect_alive(next, next_served);
    next.close();
    next_served.close();
    proxy_->process().wait_for_line("\\[" + day_in(jump) + ".* one one/s ");  // the clock did jump
    EXPECT_EQ(show_stat(path_).at("one/s").at("status"), "UP");
    EXPECT_LT(std::stol(show_stat(path_).at("one/s").at("lastchg")), 600) << "by the clock that does not jump";
  }
  expect_alive(one, served);
}

TEST_F(ProxyHostile, ALogServerThatIsGoneCostsNoClientAnything) {
  const std::string socket = dir_ / "log.sock";
  start(server("s", backend_.local()),
        "  log 127.0.0.1:" + std::to_string(free_port()) + " local0\n  log " + socket + " local0\n");
  for (int i = 0; i < 50; ++i) {
    Socket one = client();
    Socket served = backend_.accept();
    expect_alive(one, served);
  }
  EXPECT_EQ(show_stat(path_).at("one/FRONTEND").at("stot"), "50");
}

}  // namespace
}  // namespace kerbgate::e2e
