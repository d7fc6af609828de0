#include "keeper/lookup.hpp"

#include <csignal>
#include <memory>
#include <system_error>
#include <thread>

#include "kerbgate/name.hpp"

namespace kerbgate::keeper {
namespace {

constexpr std::size_t kThreads = 32;

/// Shared with threads that may outlast the call.
struct Work {
  std::vector<std::string> names;
  Resolver* resolver = nullptr;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t next = 0, done = 0;
  Resolved out;
};

/// False when no thread is to be had (limits of processes or of memory).
bool start(std::function<void()> work) {
  try {
    std::thread(std::move(work)).detach();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void look_up(const std::shared_ptr<Work>& work) {
  for (;;) {
    std::string name;
    {
      const std::lock_guard lock(work->mutex);
      if (work->next == work->names.size()) return;
      name = work->names[work->next++];
    }
    Result<Resolver::Forward> found = work->resolver->forward(name);
    const std::lock_guard lock(work->mutex);
    if (found) {
      work->out.addresses[name] = std::move(found->addresses);
    } else {
      work->out.failures.insert_or_assign(name, std::move(found).error());
    }
    ++work->done;
    work->changed.notify_all();
  }
}

}  // namespace

bool told_to_stop() {
  sigset_t waiting;
  sigemptyset(&waiting);
  ::sigpending(&waiting);
  return sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1;
}

Resolved resolve_all(const std::vector<std::string>& names, Resolver& resolver, std::chrono::milliseconds limit) {
  auto work = std::make_shared<Work>();
  work->resolver = &resolver;
  Resolved literal;
  for (const std::string& name : names) {
    if (Result<IpAddress> address = IpAddress::parse(name); address) {
      literal.addresses[name] = {*address};
    } else {
      work->names.push_back(name);
    }
  }
  std::sort(work->names.begin(), work->names.end());
  work->names.erase(std::unique(work->names.begin(), work->names.end()), work->names.end());
  std::size_t threads = 0;
  while (threads < std::min(kThreads, work->names.size()) && start([work] { look_up(work); })) ++threads;
  if (threads == 0) look_up(work);

  std::unique_lock lock(work->mutex);
  wait_within(work->changed, lock, limit, [&] { return work->done == work->names.size(); });
  Resolved out = work->out;
  lock.unlock();
  out.addresses.merge(literal.addresses);
  for (const std::string& name : work->names) {
    if (out.addresses.contains(name) || out.failures.contains(name)) continue;
    out.failures.insert_or_assign(
        name, Error{Errc::dns_no_answer, name + ": no answer within " + std::to_string(limit.count()) + " ms"});
  }
  for (const auto& [name, error] : out.failures) out.addresses.try_emplace(name);
  return out;
}

bool run_within(std::chrono::milliseconds limit, std::function<void()> work) {
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  auto shared = std::make_shared<Shared>();
  const std::function<void()> all = [shared, work = std::move(work)] {
    work();
    const std::lock_guard lock(shared->mutex);
    shared->done = true;
    shared->changed.notify_all();
  };
  if (!start(all)) all();
  std::unique_lock lock(shared->mutex);
  return wait_within(shared->changed, lock, limit, [&] { return shared->done; });
}

}  // namespace kerbgate::keeper
