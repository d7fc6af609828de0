#include "program/start.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "keeper/background.hpp"
#include "keeper/keeper.hpp"
#include "keeper/privileges.hpp"
#include "keeper/sources.hpp"
#include "program/loading.hpp"
#include "program/service.hpp"

namespace kerbgate::program {
namespace {

int alert(const std::string& text) {
  std::cerr << "[ALERT]    : " << text << '\n';
  return 1;
}

/// What reload and signals need to know of the threads that will serve.
Service::Limits limits_of(const config::Config& config, const CommandLine& line, std::uint64_t open_files) {
  Service::Limits limits;
  const unsigned cpus = std::max(1u, std::thread::hardware_concurrency());
  limits.threads = config.global.nbthread != 0 ? config.global.nbthread : int(cpus);
  limits.maxconn = line.maxconn;
  // A listening socket is there five times while a reload passes it on: the keeper's, the worker's, a copy of each, and
  // one in the message between them.
  std::uint64_t reserve = 64;
  for (const config::Frontend& frontend : config.frontends)
    reserve += frontend.binds.size() * std::uint64_t(limits.threads) * 5;
  for (const config::Backend& backend : config.backends) reserve += backend.servers.size();
  for (const auto& [name, section] : config.resolvers)
    reserve += section.nameservers.size() * 4 + section.impala.size();
  reserve += config.global.runtime_sockets.size() * std::uint64_t{config.global.runtime_maxconn + 4};
  if (!keeper::pages(config).empty()) reserve += page::HttpServer::kConnections;
  // Two descriptors a connection; pipes are taken from what is left, and copying replaces them when there is none.
  const std::uint64_t fit = open_files > reserve + 2 ? (open_files - reserve) / 2 : 1;
  limits.derived_maxconn = std::uint32_t(std::min<std::uint64_t>(fit, 1'000'000));
  const std::uint32_t wanted = line.maxconn != 0 ? line.maxconn : config.global.maxconn;
  constexpr std::uint32_t kFew = 256;
  if (wanted == 0 && limits.derived_maxconn < kFew)
    std::cerr << "[WARNING]  : the limit of " << open_files << " open files leaves room for " << limits.derived_maxconn
              << " connections at a time: raise it (ulimit -n, LimitNOFILE=)\n";
  if (wanted > limits.derived_maxconn)
    std::cerr << "[WARNING]  : "
              << "maxconn " << wanted << " needs " << wanted * std::uint64_t{2} + reserve
              << " open files and the limit is " << open_files << ": beyond " << limits.derived_maxconn
              << " connections clients will wait; raise it (ulimit -n, LimitNOFILE=)\n";
  return limits;
}

void warn_of_short_watchdog(const keeper::ServiceManager& manager) {
  const auto longest = manager.watchdog();
  if (longest && *longest < keeper::Keeper::kBusy)
    std::cerr << "[WARNING]  : WatchdogSec= of " << longest->count()
              << " ms is shorter than a reload may wait for DNS (" << keeper::Keeper::kBusy.count()
              << " ms): the service manager may take that for a hang\n";
}

int block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGCHLD}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return ::signalfd(-1, &set, SFD_CLOEXEC);
}

/// The worker's process: rights given up first, then whatever the keeper sends.
int worker_process(keeper::Channel channel, const keeper::Identity& identity, const CommandLine& line,
                   Service::Limits limits, bool daemon) {
  const net::Fd null = keeper::open_null();
  if (Result<void> became = keeper::become(identity); !became) return alert(became.error().what);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // not before: a change of user clears it
  if (daemon) keeper::leave_terminal(null);
  ::prctl(PR_SET_DUMPABLE, 0);
  return Service(std::move(channel), line.sources, limits).run();
}

/// The keeper's part from the first outfit to the end; false when the start failed.
bool keep(keeper::Keeper& keeper, keeper::Channel& worker, int signals, keeper::Background& background,
          const config::Config& config, const CommandLine& line) {
  Result<keeper::Outfit> outfit = keeper.first();
  if (!outfit) {
    alert(outfit.error().what);
    return false;
  }
  {
    const keeper::Packed packed = keeper::pack(*outfit);
    if (!worker.send(keeper::Word::outfit, packed.bytes.bytes(), packed.fds)) return false;
    if (!worker.receive()) return false;  // `applied`: it listens
  }
  const std::string path = line.pidfile.empty() ? config.global.pidfile : line.pidfile;
  keeper::PidFile pidfile;
  if (!path.empty()) {
    Result<keeper::PidFile> written = keeper::PidFile::write(path);
    if (!written) {
      alert(written.error().what);
      return false;
    }
    pidfile = std::move(*written);
  }
  if (!line.quiet) {
    std::cerr << "[NOTICE]   : "
              << "ready:";
    for (const config::Frontend* frontend : keeper::listening(config))
      for (const config::Bind& bind : frontend->binds)
        std::cerr << ' ' << frontend->name << " on " << bind.key() << ';';
    std::cerr << " pid " << ::getpid() << '\n' << std::flush;
  }
  const bool told_by_starter = background.entered();
  background.ready();
  if (!told_by_starter) keeper.tell_ready();
  outfit = keeper::Outfit{};  // the worker has its own descriptors now
  keeper.serve(worker, signals);
  return true;
}

int exit_status_of(pid_t worker) {
  int status = 0;
  while (::waitpid(worker, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return alert("the worker process was ended by signal " + std::to_string(WTERMSIG(status)));
}

int serve_in_two_processes(const Loaded& loaded, const keeper::Identity& identity, const CommandLine& line,
                           Service::Limits limits, int signals, keeper::Background& background,
                           keeper::Keeper& keeper) {
  Result<std::pair<keeper::Channel, keeper::Channel>> ends = keeper::Channel::pair();
  if (!ends) return alert(ends.error().what);
  const pid_t worker = ::fork();
  if (worker < 0) return alert(system_error(errno, "start the worker process").what);
  if (worker == 0) {
    ends->first.close();
    ::close(signals);
    std::signal(SIGPIPE, SIG_IGN);
    ::_exit(worker_process(std::move(ends->second), identity, line, limits, background.entered()));
  }
  ends->second.close();
  const bool started = keep(keeper, ends->first, signals, background, loaded.config, line);
  ends->first.close();
  const int status = exit_status_of(worker);
  return started ? status : 1;
}

int serve_in_one_process(const Loaded& loaded, const CommandLine& line, Service::Limits limits, int signals,
                         keeper::Background& background, keeper::Keeper& keeper) {
  Result<std::pair<keeper::Channel, keeper::Channel>> ends = keeper::Channel::pair();
  if (!ends) return alert(ends.error().what);
  // Before the thread: what cannot be had (descriptors, memory) is then an error of the start and no more.
  std::optional<Service> service(std::in_place, std::move(ends->second), line.sources, limits);
  bool started = false;
  std::thread keeping([&] {
    started = keep(keeper, ends->first, signals, background, loaded.config, line);
    ends->first.close();
  });
  int status = 1;
  std::exception_ptr failed;
  try {
    status = service->run();
  } catch (...) {
    failed = std::current_exception();
    service.reset();  // hangs up: the keeper's thread ends
  }
  keeping.join();
  if (failed) std::rethrow_exception(failed);
  return started ? status : 1;
}

}  // namespace

int serve(const CommandLine& line) {
  const std::optional<Loaded> loaded = load(line);
  if (!loaded) return 1;
  if (line.memory_mb != 0) {
    const rlimit limit{rlim_t(line.memory_mb) << 20, rlim_t(line.memory_mb) << 20};
    ::setrlimit(RLIMIT_AS, &limit);
  }
  keeper::ServiceManager manager = keeper::ServiceManager::of_this_process();
  warn_of_short_watchdog(manager);
  Result<keeper::Identity> identity = keeper::identity_of(loaded->config.global);
  if (!identity) return alert(identity.error().what);
  keeper::Background background;
  if ((loaded->config.global.daemon || line.daemon) && !line.foreground) {
    Result<keeper::Background> entered = keeper::Background::enter();
    if (!entered) return alert(entered.error().what);
    background = std::move(*entered);
  }
  const Service::Limits limits = limits_of(loaded->config, line, keeper::raise_open_files());
  net::tls::initialise();  // before a fork into a chroot, where the library's own files are gone
  const int signals = block_signals();
  if (signals < 0) return alert(system_error(errno, "listen for signals").what);
  keeper::Keeper keeper(line.sources, loaded->config, loaded->texts, resolver(), limits.threads, line.quiet);
  keeper.attach(std::move(manager), {!line.pidfile.empty(), line.daemon || line.foreground});
  const int status = identity->drops()
                         ? serve_in_two_processes(*loaded, *identity, line, limits, signals, background, keeper)
                         : serve_in_one_process(*loaded, line, limits, signals, background, keeper);
  if (keeper.all_ended()) return status;
  // A coordinator is being looked at, deep in some library: static objects must not be destroyed under that.
  keeper.leave();
  std::cout << std::flush;
  std::_Exit(status);
}

}  // namespace kerbgate::program
