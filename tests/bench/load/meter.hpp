#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

/// What processes cost, as the kernel counts it.
namespace kerbgate::bench {

using Processes = std::vector<pid_t>;

/// Seconds of CPU, user and system, of all their threads (/proc/PID/task/*/schedstat).
double cpu_seconds(const Processes& processes);
/// Bytes of memory that are theirs, what they share with others counted in part (PSS).
std::uint64_t memory_bytes(const Processes& processes);
/// Bytes of memory that are theirs and in RAM, as ps and top show it (RSS).
std::uint64_t resident_bytes(const Processes& processes);
/// Seconds of CPU of this process.
double own_cpu_seconds();
/// CLOCK_MONOTONIC in nanoseconds.
std::uint64_t nanoseconds();

}  // namespace kerbgate::bench
