#include "meter.hpp"

#include <sys/resource.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace kerbgate::bench {
namespace fs = std::filesystem;

namespace {

/// Of a line of the kernel's account of their memory.
std::uint64_t sum_of(const Processes& processes, const std::string& wanted) {
  std::uint64_t sum = 0;
  for (const pid_t process : processes) {
    std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
    std::string word;
    while (file >> word)
      if (std::uint64_t kilobytes = 0; word == wanted && file >> kilobytes) sum += kilobytes * 1024;
  }
  return sum;
}

}  // namespace

double cpu_seconds(const Processes& processes) {
  double sum = 0;
  for (const pid_t process : processes) {
    std::error_code gone;
    for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(process) + "/task", gone)) {
      std::ifstream file(task.path() / "schedstat");
      std::uint64_t on_cpu = 0;
      if (file >> on_cpu) sum += double(on_cpu) / 1e9;
    }
  }
  return sum;
}

std::uint64_t memory_bytes(const Processes& processes) { return sum_of(processes, "Pss:"); }
std::uint64_t resident_bytes(const Processes& processes) { return sum_of(processes, "Rss:"); }

double own_cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::uint64_t nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::uint64_t(now.tv_sec) * 1'000'000'000 + std::uint64_t(now.tv_nsec);
}

}  // namespace kerbgate::bench
