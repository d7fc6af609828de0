#include <array>
#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <thread>

#include "late_caller.hpp"
#include "runtime.hpp"

/// Coordinators that are restarted one after the other while clients log in.
namespace kerbgate::e2e {
namespace {

/// Fifty logins a second, each with an authenticator of its own, a session and a call. The rate is what it drives: a
/// slow machine makes it later, and nothing fails for that.
class Crowd {
 public:
  explicit Crowd(std::function<Caller()> login) {
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this, login] { run(login); });
  }
  ~Crowd() { stop(); }

  void stop() {
    going_ = false;
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  /// Until so many more have been served, or one was not.
  void wait_for(int more) {
    std::unique_lock lock(mutex_);
    const std::size_t wanted = served_ + std::size_t(more);
    EXPECT_TRUE(changed_.wait_for(lock, 2 * kPatience, [&] { return served_ >= wanted || !errors_.empty(); }));
  }
  [[nodiscard]] std::size_t served() const { return served_; }
  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }
  [[nodiscard]] const std::map<std::string, int>& by_coordinator() const { return by_coordinator_; }

 private:
  static constexpr int kThreads = 8;
  static constexpr std::chrono::milliseconds kPace{20};

  void run(const std::function<Caller()>& login) {
    while (going_) {
      std::this_thread::sleep_until(start_ + kPace * number_++);
      try {
        Caller caller = login();
        const std::string coordinator = caller.coordinator_of(caller.open());
        const std::lock_guard lock(mutex_);
        ++served_;
        ++by_coordinator_[coordinator];
      } catch (const std::exception& failed) {
        const std::lock_guard lock(mutex_);
        errors_.emplace_back(failed.what());
      }
      changed_.notify_all();
    }
  }

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::atomic<int> number_ = 0;
  std::atomic<bool> going_ = true;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t served_ = 0;
  std::vector<std::string> errors_;
  std::map<std::string, int> by_coordinator_;
  std::vector<std::thread> threads_;
};

class ProxyLateRolling : public ProxyLateCalls {
 protected:
  Caller login() { return caller(); }
};

TEST_F(ProxyLateRolling, RestartOfEveryCoordinatorCostsNoneOfFiftyLoginsASecondAnError) {
  start("leastconn");
  std::array<pid_t, 3> before{};
  for (int n = 1; n <= 3; ++n) before[std::size_t(n - 1)] = cluster_.coordinator(n).pid();
  Crowd crowd([this] { return login(); });
  for (int n = 1; n <= 3; ++n) {
    crowd.wait_for(50);
    const std::string name = "shell/coordinator" + std::to_string(n);
    EXPECT_TRUE(contains(ask(socket(), "drain " + name + " wait"), "nothing runs there"));
    cluster_.stop(n);
    crowd.wait_for(25);
    cluster_.start(n);
    EXPECT_EQ(ask(socket(), "set server " + name + " state ready"), "\n");
    EXPECT_NE(cluster_.coordinator(n).pid(), before[std::size_t(n - 1)]);
  }
  crowd.wait_for(50);
  crowd.stop();
  for (const std::string& error : crowd.errors()) ADD_FAILURE() << error;
  EXPECT_GT(crowd.served(), 250u);
  EXPECT_EQ(crowd.by_coordinator().size(), 3u);
  std::cout << crowd.served() << " logins, " << crowd.errors().size() << " errors;";
  for (const auto& [coordinator, count] : crowd.by_coordinator()) std::cout << ' ' << coordinator << ' ' << count;
  std::cout << '\n';
}

}  // namespace
}  // namespace kerbgate::e2e
