#include "commands/plan_run.hpp"

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <thread>

#include "commands/progress.hpp"
#include "kerbgate/secret.hpp"

namespace kerbgate::commands {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};

sigset_t interrupts() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&set, signal);
  return set;
}

/// Threads that take hosts from the inventory's front until none is left.
class Crew {
 public:
  Crew(const plan::Shared& shared, const std::vector<InventoryHost>& hosts) : shared_(shared), hosts_(hosts) {
    plans_.resize(hosts.size());
  }

  std::vector<plan::HostPlan> run(std::size_t jobs, Progress& progress) {
    std::vector<std::thread> threads;
    running_ = jobs;
    for (std::size_t i = 0; i < jobs; ++i) threads.emplace_back([this] { work(); });
    if (progress.shown()) show(progress);
    for (std::thread& thread : threads) thread.join();
    progress.clear();
    // Every host that was taken was planned, and they are taken in order.
    plans_.resize(std::min<std::size_t>(taken_, hosts_.size()));
    return std::move(plans_);
  }

 private:
  void work() {
    while (!InterruptsHeld::pending()) {
      const std::size_t mine = taken_++;
      if (mine >= hosts_.size()) break;
      plans_[mine] = plan::plan_host(shared_, hosts_[mine]);
      ++done_;
    }
    wipe_dead_stack();  // which outlives the thread
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) finished_.notify_one();
  }

  void show(Progress& progress) {
    std::unique_lock lock(mutex_);
    do {
      progress.show(done_, hosts_.size(), "hosts");
    } while (!finished_.wait_for(lock, kRedraw, [this] { return running_ == 0; }));
  }

  const plan::Shared& shared_;
  const std::vector<InventoryHost>& hosts_;
  std::vector<plan::HostPlan> plans_;
  std::atomic<std::size_t> taken_{0}, done_{0};
  std::mutex mutex_;
  std::condition_variable finished_;
  std::size_t running_ = 0;
};

}  // namespace

InterruptsHeld::InterruptsHeld() {
  const sigset_t held = interrupts();
  pthread_sigmask(SIG_BLOCK, &held, &before_);
}

InterruptsHeld::~InterruptsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool InterruptsHeld::pending() {
  sigset_t waiting;
  sigemptyset(&waiting);
  sigpending(&waiting);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    if (sigismember(&waiting, signal) == 1) return true;
  }
  return false;
}

std::vector<plan::HostPlan> plan_hosts(const plan::Shared& shared, const std::vector<InventoryHost>& hosts,
                                       std::size_t jobs, Environment& environment) {
  Progress progress(environment.err, STDERR_FILENO);
  return Crew(shared, hosts).run(std::max<std::size_t>(1, std::min(jobs, hosts.size())), progress);
}

}  // namespace kerbgate::commands
