#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "balance/pool.hpp"

namespace kerbgate::balance {

inline IpAddress ipv4(std::uint32_t address) {
  IpAddress ip;
  for (int i = 0; i < 4; ++i)
    ip.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(address >> (24 - 8 * i));
  return ip;
}

inline Now at_ms(std::int64_t ms) { return Now{} + std::chrono::milliseconds(ms); }

inline ServerConf server_conf(int number, std::uint32_t weight = 1, std::uint32_t maxconn = 0) {
  ServerConf conf;
  conf.name = "s" + std::to_string(number);
  conf.key = "impala-host-" + std::to_string(number) + ".example.com:21050";
  conf.weight = weight;
  conf.maxconn = maxconn;
  return conf;
}

/// Servers s0, s1, ... with these weights.
inline PoolConf pool_conf(Algorithm algorithm, const std::vector<std::uint32_t>& weights, std::uint32_t maxconn = 0) {
  PoolConf conf;
  conf.name = "impala";
  conf.algorithm = algorithm;
  for (const auto weight : weights)
    conf.servers.push_back(server_conf(static_cast<int>(conf.servers.size()), weight, maxconn));
  return conf;
}

template <class Case>
std::string case_name(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

inline std::string algorithm_name(const testing::TestParamInfo<Algorithm>& info) {
  switch (info.param) {
    case Algorithm::roundrobin:
      return "roundrobin";
    case Algorithm::static_rr:
      return "static_rr";
    case Algorithm::leastconn:
      return "leastconn";
    case Algorithm::source:
      return "source";
    case Algorithm::first:
      return "first";
    case Algorithm::random:
      return "random";
    case Algorithm::leastqueries:
      return "leastqueries";
  }
  return "unknown";
}

/// Keeps what it is granted.
struct KeepingWaiter final : Waiter {
  void granted(Lease given) override {
    lease = std::move(given);
    ++grants;
  }
  Lease lease;
  int grants = 0;
};

/// Acquires without a queue. Keeps the leases unless told otherwise.
class Caller {
 public:
  explicit Caller(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}
  Answer ask(Waiter* waiter = nullptr) { return pool_->acquire({source, tried, random++, now}, waiter); }
  /// The server, -1 when refused. The place is given back at once.
  int visit() {
    const Answer answer = ask();
    return answer.lease ? answer.lease.server() : -1;
  }
  /// The same, and the place is kept.
  int stay() {
    Answer answer = ask();
    const int server = answer.lease ? answer.lease.server() : -1;
    if (answer.lease) leases.push_back(std::move(answer.lease));
    return server;
  }
  /// As letters: server 0 is a; - is a refusal.
  std::string visits(int count) { return letters(count, &Caller::visit); }
  std::string stays(int count) { return letters(count, &Caller::stay); }

  IpAddress source = ipv4(0x0a000001);
  std::vector<ServerIndex> tried;
  std::uint64_t random = 0;
  Now now{};
  std::vector<Lease> leases;

 private:
  std::string letters(int count, int (Caller::*call)()) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      const int server = (this->*call)();
      text += server < 0 ? '-' : static_cast<char>('a' + server);
    }
    return text;
  }
  std::shared_ptr<Pool> pool_;
};

}  // namespace kerbgate::balance
