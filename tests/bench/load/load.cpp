#include <poll.h>
#include <sys/resource.h>

#include <boost/json.hpp>
#include <csignal>
#include <cstring>
#include <iostream>
#include <sstream>

#include "backend.hpp"
#include "clients.hpp"
#include "loop.hpp"
#include "meter.hpp"
#include "options.hpp"

/// Clients and backend of a proxy in one single-threaded process, so that all it does is on one CPU and what the proxy
/// costs is the proxy's. Prints one line of JSON.
namespace kerbgate::bench {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kPatience = 60 * kSecond;

std::uint64_t after(std::uint64_t since, double seconds) { return since + std::uint64_t(seconds * double(kSecond)); }

double mebibytes(std::uint64_t bytes) { return double(bytes) / double(1 << 20); }

boost::json::object head(const Options& options) {
  return {{"label", options.label},     {"mode", name(options.mode)}, {"connections", options.connections},
          {"request", options.request}, {"answer", options.answer},   {"up", options.up},
          {"tls", options.tls}};
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options), backend_(loop_, options, service_.get()), clients_(loop_, options_, logins_.get()) {}

  boost::json::object go() {
    if (options_.wait) wait_for_processes();
    return options_.mode == Mode::idle ? idle() : work();
  }

 private:
  void wait_for_processes() {
    std::cout << "ready" << std::endl;
    const std::uint64_t give_up = nanoseconds() + kPatience;
    for (pollfd input{0, POLLIN, 0}; ::poll(&input, 1, 0) == 0;) {
      if (nanoseconds() > give_up) throw std::runtime_error("not in a minute: a line of process ids");
      loop_.turn(5);
    }
    std::string line;
    std::getline(std::cin, line);
    std::istringstream words(line);
    for (pid_t process = 0; words >> process;) options_.processes.push_back(process);
  }
  /// Until the time is `until`, or nobody has anything left to log in with.
  void turn_until(std::uint64_t until) {
    for (std::uint64_t now = nanoseconds(); now < until && (!logs_in() || clients_.goes_on()); now = nanoseconds())
      turn(now);
  }
  /// Until `done` says so; throws when that never comes.
  template <typename Done>
  void turn_until_done(Done done, const char* what) {
    const std::uint64_t give_up = nanoseconds() + kPatience;
    for (std::uint64_t now = nanoseconds(); !done(); now = nanoseconds()) {
      if (now > give_up)
        throw std::runtime_error(
            std::string("not in a minute: ") + what + "; " + std::to_string(clients_.connected()) + " connected, " +
            std::to_string(clients_.established()) + " answered, " + std::to_string(clients_.counts().errors) +
            " errors, the first: " + std::strerror(clients_.counts().first_error) + " " + clients_.counts().refusal);
      turn(now);
    }
  }
  void turn(std::uint64_t now) {
    clients_.go_on(now);
    loop_.turn(options_.rate > 0 ? 0 : 5);
  }

  /// Whether there is anything to divide by.
  [[nodiscard]] bool anything(std::uint64_t uploaded) const {
    const Counts& counts = clients_.counts();
    if (options_.mode == Mode::bulk) return (options_.up ? backend_.received() - uploaded : counts.received) != 0;
    return counts.answers != 0 || (logs_in() && !clients_.goes_on());
  }

  [[nodiscard]] bool all_there() const {
    if (options_.mode == Mode::ask && options_.rate <= 0) return clients_.established() == options_.connections;
    return clients_.all_connected() || connects_again(options_.mode);
  }

  void add_errors(boost::json::object& out) const {
    out["errors"] = clients_.counts().errors;
    out["first_error"] = clients_.counts().first_error;
    out["refusal"] = clients_.counts().refusal;
  }

  boost::json::object work() {
    turn_until_done([&] { return all_there(); }, "all are connected");
    turn_until(after(nanoseconds(), options_.warm));
    clients_.count_anew();
    const std::uint64_t began = nanoseconds(), uploaded = backend_.received();
    const double cpu = cpu_seconds(options_.processes), own = own_cpu_seconds();
    const std::uint64_t memory = memory_bytes(options_.processes);
    turn_until(after(began, options_.seconds));
    // A machine that is busy with something else shall not have measured nothing.
    turn_until_done([&] { return anything(uploaded); }, "an answer");
    const double seconds = double(nanoseconds() - began) / double(kSecond);
    const double spent = cpu_seconds(options_.processes) - cpu, own_spent = own_cpu_seconds() - own;
    clients_.stop();

    const Counts& counts = clients_.counts();
    const double gibibytes =
        double(options_.up ? backend_.received() - uploaded : counts.received) / double(1ULL << 30);
    boost::json::object out = head(options_);
    out["seconds"] = seconds;
    out["memory_mib"] = mebibytes(resident_bytes(options_.processes));
    out["memory_grown_mib"] = mebibytes(memory_bytes(options_.processes)) - mebibytes(memory);
    add_errors(out);
    out["cpu_seconds"] = spent;
    out["cpu_share"] = spent / seconds;
    out["own_cpu_share"] = own_spent / seconds;
    out["gib_per_second"] = gibibytes / seconds;
    out["cpu_seconds_per_gib"] = gibibytes > 0 ? spent / gibibytes : 0;
    out["answers_per_second"] = double(counts.answers) / seconds;
    out["cpu_us_per_answer"] = counts.answers != 0 ? spent * 1e6 / double(counts.answers) : 0;
    out["p50_us"] = counts.latency.quantile(0.5) / 1e3;
    out["p99_us"] = counts.latency.quantile(0.99) / 1e3;
    out["p999_us"] = counts.latency.quantile(0.999) / 1e3;
    return out;
  }

  boost::json::object idle() {
    const std::uint64_t before = memory_bytes(options_.processes);
    turn_until_done([&] { return clients_.established() == options_.connections; }, "all have been answered");
    const std::uint64_t began = nanoseconds();
    const double cpu = cpu_seconds(options_.processes);
    turn_until(after(began, options_.hold));
    const double seconds = double(nanoseconds() - began) / double(kSecond);
    const double spent = cpu_seconds(options_.processes) - cpu;
    const std::uint64_t now = memory_bytes(options_.processes);
    boost::json::object out = head(options_);
    add_errors(out);
    out["memory_mib"] = mebibytes(resident_bytes(options_.processes));
    out["cpu_ms_per_second"] = 1e3 * spent / seconds;
    out["bytes_per_pair"] = (double(now) - double(before)) / double(options_.connections);
    return out;
  }

  [[nodiscard]] bool logs_in() const { return options_.mode == Mode::login; }
  /// More than any proxy is asked for a second.
  [[nodiscard]] unsigned logins() const {
    constexpr double kASecond = 8000;
    const unsigned wanted = options_.kerberos.logins;
    return wanted != 0 ? wanted : unsigned((options_.warm + options_.seconds) * kASecond) + options_.connections;
  }

  Options options_;
  std::unique_ptr<Service> service_ = logs_in() ? std::make_unique<Service>(options_.kerberos) : nullptr;
  std::unique_ptr<PreparedLogins> logins_ =
      logs_in() ? std::make_unique<PreparedLogins>(options_.kerberos, logins()) : nullptr;
  Loop loop_;
  Backend backend_;
  Clients clients_;
};

int main_of(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const Options options = read_options(argc, argv);
  try {
    const auto run = std::make_unique<Run>(options);
    std::cout << run->go() << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "load: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace
}  // namespace kerbgate::bench

int main(int argc, char** argv) { return kerbgate::bench::main_of(argc, argv); }
