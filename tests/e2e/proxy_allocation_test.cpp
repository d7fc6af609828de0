#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>

#include "proxy_tls.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SKIP_UNDER_SANITIZERS() GTEST_SKIP() << "SKIPPED: a sanitizer has a heap of its own"
#else
#define SKIP_UNDER_SANITIZERS() static_cast<void>(0)
#endif

/// An established connection costs no malloc and no free, whatever passes. Counted in the proxy itself, by a library
/// that is loaded before it; one thread serves, and that is the process's first.
namespace kerbgate::e2e {
namespace {

/// What the proxy's serving thread has asked of the heap, so far.
class Allocations {
 public:
  explicit Allocations(std::string path) : path_(std::move(path)) {
    write_file(path_, std::string(sizeof *counter_, '\0'));
    const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    void* const page = ::mmap(nullptr, sizeof *counter_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (page == MAP_FAILED) throw std::runtime_error("cannot map " + path_);
    counter_ = static_cast<std::atomic<std::uint64_t>*>(page);
  }
  ~Allocations() { ::munmap(counter_, sizeof *counter_); }
  Allocations(const Allocations&) = delete;
  Allocations& operator=(const Allocations&) = delete;

  [[nodiscard]] Environment environment(Environment base) const {
    base["LD_PRELOAD"] = KERBGATE_BIN "/libcount_allocations.so:" + base["LD_PRELOAD"];
    base["KERBGATE_ALLOCATIONS"] = path_;
    return base;
  }
  [[nodiscard]] std::uint64_t count() const { return *counter_; }

  /// Of `work`, done many times. The proxy also keeps a history, every ten seconds: the fewest of several counts is
  /// what the work alone costs.
  std::uint64_t fewest(const std::function<void()>& work) {
    constexpr int kCounts = 4, kTimes = 200;
    std::uint64_t out = UINT64_MAX;
    for (int i = 0; i < kTimes; ++i) work();  // buffers, pipes and lists reach their size
    for (int n = 0; n < kCounts; ++n) {
      const std::uint64_t before = count();
      for (int i = 0; i < kTimes; ++i) work();
      out = std::min(out, count() - before);
    }
    return out;
  }

 private:
  std::string path_;
  std::atomic<std::uint64_t>* counter_ = nullptr;
};

class ProxyAllocations : public ProxyTls {
 protected:
  ProxyAllocations() : ProxyTls(0) { put("server.pem", ca_.issue(Authority::Request{"server", {"server.test"}})); }

  Proxy start(const std::string& text) {
    return {KERBGATE_PROXY, cluster_.dir(), heap_.environment(cluster_.environment()), text};
  }
  static void round_trip(Socket& client, Socket& server, std::size_t size) {
    const std::string bytes(size, 'x');
    client.send(bytes);
    ASSERT_EQ(server.read(size).size(), size);
    server.send(bytes);
    ASSERT_EQ(client.read(size).size(), size);
  }
  static std::size_t pipes(Proxy& proxy) {
    std::size_t out = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(proxy.process().pid()) + "/fd"))
      out += std::filesystem::read_symlink(entry.path()).string().starts_with("pipe:") ? 1 : 0;
    return out;
  }

  Allocations heap_{cluster_.dir() / "allocations"};
  Listener listener_;
};

TEST_F(ProxyAllocations, AreCounted) {
  SKIP_UNDER_SANITIZERS();
  Proxy proxy = start(globals() + bind("") + server("s", listener_.local()));
  const std::uint64_t before = heap_.count();
  Socket client = connect(proxy);
  Socket served = listener_.accept();
  round_trip(client, served, 64);
  EXPECT_GT(heap_.count(), before);  // a connection is made
}

TEST_F(ProxyAllocations, NoneForARoundTrip) {
  SKIP_UNDER_SANITIZERS();
  Proxy proxy = start(globals() + bind("") + server("s", listener_.local()));
  Socket client = connect(proxy);
  Socket served = listener_.accept();
  EXPECT_EQ(heap_.fewest([&] { round_trip(client, served, 64); }), 0u);
}

TEST_F(ProxyAllocations, NoneForBulkThroughAPipe) {
  SKIP_UNDER_SANITIZERS();
  Proxy proxy = start(globals() + bind("") + server("s", listener_.local()));
  const std::size_t before = pipes(proxy);
  Socket client = connect(proxy);
  Socket served = listener_.accept();
  EXPECT_EQ(heap_.fewest([&] { round_trip(client, served, 256 * 1024); }), 0u);
  EXPECT_GT(pipes(proxy), before);
}

TEST_F(ProxyAllocations, NoneForARoundTripUnderTls) {
  SKIP_UNDER_SANITIZERS();
  Proxy proxy = start(globals() + tls_bind() + server("s", listener_.local()));
  Socket client = connect(proxy);
  client.secure(this->client());
  Socket served = listener_.accept();
  EXPECT_EQ(heap_.fewest([&] { round_trip(client, served, 64); }), 0u);
}

TEST_F(ProxyAllocations, NoneForATlsBridge) {
  SKIP_UNDER_SANITIZERS();
  Proxy proxy = start(globals() + tls_bind() +
                      server("s", listener_.local() + " ssl ca-file " + file("ca.pem") + " verifyhost server.test"));
  Socket client = connect(proxy);
  client.secure(this->client());
  Socket served = listener_.accept();
  served.secure(TlsSide::server({file("server.pem"), "", "", false}));
  EXPECT_EQ(heap_.fewest([&] { round_trip(client, served, 40'000); }), 0u);
}

TEST_F(ProxyAllocations, BusyPollingServes) {
  SKIP_UNDER_SANITIZERS();
  Proxy proxy = start(globals("  busy-polling\n") + bind("") + server("s", listener_.local()));
  Socket client = connect(proxy);
  Socket served = listener_.accept();
  EXPECT_EQ(heap_.fewest([&] { round_trip(client, served, 64); }), 0u);
}

}  // namespace
}  // namespace kerbgate::e2e
