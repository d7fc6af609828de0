#include "probe/probes.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include "probe/look.hpp"

namespace kerbgate::probe {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Now = steady_clock::time_point;

/// First looks come one after the other, so that a thousand logins do not meet one KDC at once.
constexpr milliseconds kStep{20};
constexpr milliseconds kGoodbye{300};
/// A look that took as long, and failed, is not repeated before the interval: hosts that are silent would hold all
/// threads.
constexpr milliseconds kSlow{1000};
/// A count of queries is believed for so many intervals.
constexpr int kFresh = 3;

struct Job {
  Target target;
  check::DeepHealth health;
  stats::CoordinatorCheck last;
  std::shared_ptr<Tickets> tickets;
  Now due{};
  bool settled = false;  ///< its place in the interval has been found
  double phase = 0;      ///< 0 to 1
};

}  // namespace

struct Probes::Shared : std::enable_shared_from_this<Probes::Shared> {
  explicit Shared(Resolver& given) : resolver(given), wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  Resolver& resolver;
  Fd wake;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, std::shared_ptr<Job>> jobs;         ///< by Target::key()
  std::multimap<Now, std::shared_ptr<Job>> turns;           ///< jobs that nobody is at
  std::map<std::string, std::shared_ptr<Tickets>> tickets;  ///< by service, client and keytab
  std::set<std::string> seen;                               ///< keys of jobs whose last look has not been taken
  std::size_t threads = 0;
  bool stopping = false;

  void start_threads();
  void run();
  void schedule(const std::shared_ptr<Job>& job, Now due);
  void record(const std::shared_ptr<Job>& job, const Seen& what, milliseconds elapsed);
  std::shared_ptr<Tickets> tickets_of(const Target& target);
  void tell() const {
    const std::uint64_t one = 1;
    (void)!::write(wake.get(), &one, sizeof one);
  }
};

Probes::Probes(Resolver& resolver) : shared_(std::make_shared<Shared>(resolver)) {}
Probes::~Probes() { (void)stop(); }
int Probes::fd() const noexcept { return shared_->wake.get(); }

bool Probes::stop() {
  std::unique_lock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->changed.notify_all();
  return shared_->changed.wait_for(lock, kGoodbye, [this] { return shared_->threads == 0; });
}

std::shared_ptr<Tickets> Probes::Shared::tickets_of(const Target& target) {
  if (target.kind != Target::Kind::login) return nullptr;
  auto& one = tickets[target.service + '\n' + target.client + '\n' + target.keytab];
  if (!one) one = std::make_shared<Tickets>(target.service, target.client, target.keytab, resolver);
  return one;
}

void Probes::Shared::schedule(const std::shared_ptr<Job>& job, Now due) {
  job->due = due;
  turns.emplace(due, job);
}

void Probes::adopt(std::vector<Target> targets) {
  const std::lock_guard lock(shared_->mutex);
  std::map<std::string, std::shared_ptr<Job>> jobs;
  const Now now = steady_clock::now();
  int fresh = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::string key = targets[i].key();
    auto& job = jobs[key];
    if (const auto known = shared_->jobs.find(key); known != shared_->jobs.end()) {
      job = known->second;
      if (job->target.inter == targets[i].inter) {
        job->target = std::move(targets[i]);
        if (job->last.when.time_since_epoch().count() != 0) shared_->seen.insert(key);
        continue;
      }
    }
    job = std::make_shared<Job>(Job{std::move(targets[i]), check::DeepHealth(milliseconds(0)), {}, {}, {}});
    job->health = check::DeepHealth(job->target.inter);
    job->last.kind = job->target.kind;
    job->last.key = key;
    job->tickets = shared_->tickets_of(job->target);
    job->phase = double(i + 1) / double(targets.size());
    shared_->schedule(job, now + std::min(kStep * fresh++, milliseconds(job->target.inter)));
  }
  shared_->jobs.swap(jobs);
  std::erase_if(shared_->seen, [this](const std::string& key) { return !shared_->jobs.contains(key); });
  std::erase_if(shared_->turns, [this](const auto& turn) {
    const auto job = shared_->jobs.find(turn.second->last.key);
    return job == shared_->jobs.end() || job->second != turn.second;
  });
  std::erase_if(shared_->tickets, [](const auto& one) { return one.second.use_count() == 1; });
  shared_->start_threads();
  shared_->changed.notify_all();
  if (!shared_->seen.empty()) shared_->tell();
}

void Probes::Shared::start_threads() {
  const std::size_t wanted = std::min({jobs.size(), kThreads + jobs.size() / kPlaces, kMostThreads});
  while (threads < wanted && !stopping) {
    try {
      std::thread([self = shared_from_this()] { self->run(); }).detach();
    } catch (const std::system_error&) {
      return;  // with fewer it is slower, and the next reload tries again
    }
    ++threads;
  }
}

void Probes::Shared::run() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    if (turns.empty()) {
      changed.wait(lock);
      continue;
    }
    const auto first = turns.begin();
    if (first->first > steady_clock::now()) {
      changed.wait_until(lock, Now(first->first));
      continue;
    }
    const std::shared_ptr<Job> job = first->second;
    turns.erase(first);
    const Target target = job->target;
    lock.unlock();
    const Now started = steady_clock::now();
    const Seen what =
        target.kind == Target::Kind::login ? look_by_login(target, *job->tickets, resolver) : look_at_web_page(target);
    lock.lock();
    record(job, what, std::chrono::duration_cast<milliseconds>(steady_clock::now() - started));
  }
  --threads;
  changed.notify_all();
}

void Probes::Shared::record(const std::shared_ptr<Job>& job, const Seen& what, milliseconds elapsed) {
  stats::CoordinatorCheck& last = job->last;
  const auto known = jobs.find(last.key);
  if (known == jobs.end() || known->second != job) return;  // a reload has taken it away meanwhile
  last.state = job->health.observe(what.look);
  last.passed = what.look == check::Look::passed || what.look == check::Look::quiescing;
  last.found = what.found;
  last.cause = what.cause;
  last.remedy = what.remedy;
  last.ticket = what.ticket;
  last.took = what.took;
  last.when = std::chrono::system_clock::now();
  if (last.passed && !what.ticket.empty()) {
    last.good_ticket = what.ticket;
    last.good_when = last.when;
  }
  last.queries = what.queries;
  last.fresh_for = job->target.inter * kFresh;
  seen.insert(last.key);
  tell();
  milliseconds wait = job->health.next_delay();
  if (last.state == check::Deep::down && elapsed >= kSlow) wait = std::max(wait, milliseconds(job->target.inter));
  // The first interval is cut where its phase says: from then on looks are spread evenly.
  if (!job->settled && wait == job->target.inter) {
    job->settled = true;
    wait = std::max(milliseconds(std::int64_t(double(wait.count()) * job->phase)), kStep);
  }
  schedule(job, steady_clock::now() + wait);
  changed.notify_one();
}

std::vector<stats::CoordinatorCheck> Probes::take() {
  const std::lock_guard lock(shared_->mutex);
  std::uint64_t count = 0;
  (void)!::read(shared_->wake.get(), &count, sizeof count);
  std::vector<stats::CoordinatorCheck> out;
  for (const std::string& key : shared_->seen)
    if (const auto job = shared_->jobs.find(key); job != shared_->jobs.end()) out.push_back(job->second->last);
  shared_->seen.clear();
  return out;
}

}  // namespace kerbgate::probe
