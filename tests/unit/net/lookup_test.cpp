#include "keeper/lookup.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>

#include "keeper/names.hpp"

namespace kerbgate::keeper {
namespace {

using namespace std::chrono_literals;

/// Answers from a table; a name that is not in it hangs until released.
class FakeResolver final : public Resolver {
 public:
  Result<Forward> forward(const std::string& host) override {
    if (host == "unknown.example.com") return Error{Errc::not_found, host + ": no such name"};
    if (const auto found = names.find(host); found != names.end()) return Forward{{found->second}, host};
    std::unique_lock lock(mutex_);
    released_.wait(lock, [this] { return open_; });
    return Error{Errc::dns_no_answer, "late"};
  }
  Result<std::optional<std::string>> reverse(const IpAddress& address) override {
    for (const auto& [name, ip] : names)
      if (ip == address) return std::optional(pointer.empty() ? name : pointer);
    return std::optional<std::string>{};
  }
  void release() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    released_.notify_all();
  }

  std::map<std::string, IpAddress> names;
  std::string pointer;

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  bool open_ = false;
};

IpAddress ip(const char* text) { return *IpAddress::parse(text); }

/// Late threads still refer to it: it is never destroyed.
FakeResolver& fresh_resolver() {
  static auto& all = *new std::deque<FakeResolver>;
  return all.emplace_back();
}

TEST(Lookup, AHangingNameHoldsUpNoOther) {
  FakeResolver& resolver = fresh_resolver();
  resolver.names["a.example.com"] = ip("10.0.0.1");
  const Resolved out =
      resolve_all({"hangs.example.com", "a.example.com", "unknown.example.com", "10.9.9.9"}, resolver, 200ms);
  resolver.release();
  EXPECT_EQ(out.addresses.at("a.example.com"), std::vector{ip("10.0.0.1")});
  EXPECT_EQ(out.addresses.at("10.9.9.9"), std::vector{ip("10.9.9.9")});
  EXPECT_TRUE(out.addresses.at("hangs.example.com").empty());
  EXPECT_TRUE(out.failures.at("hangs.example.com").is(Errc::dns_no_answer));
  EXPECT_TRUE(out.failures.at("unknown.example.com").is(Errc::not_found));
}

TEST(Lookup, AWordToStopEndsTheWait) {
  sigset_t term, before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, &before);
  pthread_kill(pthread_self(), SIGTERM);
  FakeResolver& resolver = fresh_resolver();
  EXPECT_TRUE(resolve_all({"hangs.example.com"}, resolver, 1h).failures.contains("hangs.example.com"));
  int taken = 0;
  sigwait(&term, &taken);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  resolver.release();
}

TEST(LookupDeathTest, WithoutAThreadToBeHadTheWorkIsDoneAllTheSame) {
  const auto without_threads = [] {
    FakeResolver& resolver = fresh_resolver();
    resolver.names["a.example.com"] = ip("10.0.0.1");
    const rlimit none{1, 1};
    ::setrlimit(RLIMIT_NPROC, &none);
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
    bool ran = false;
    const bool ended = run_within(3s, [&] { ran = true; });
    const Resolved out = resolve_all({"a.example.com"}, resolver, 3s);
    ::_exit(ended && ran && out.failures.empty() ? 0 : 1);
  };
  EXPECT_EXIT(without_threads(), testing::ExitedWithCode(0), "");
}

config::Config config_with(const std::string& fqdn, config::DnsCheck check) {
  config::Config config;
  config.global.kerberos.fqdn = fqdn;
  config.global.dns_check = check;
  return config;
}

TEST(NameVerdict, StrictRefusesAPtrOfAnotherNameAndWarnServes) {
  for (const auto check : {config::DnsCheck::strict, config::DnsCheck::warn}) {
    FakeResolver& resolver = fresh_resolver();
    resolver.names["lb.example.com"] = ip("10.0.0.7");
    resolver.pointer = "node7.example.com";
    const NameVerdict verdict = check_names(config_with("lb.example.com", check), resolver, 3s);
    EXPECT_EQ(verdict.refused, check == config::DnsCheck::strict);
    ASSERT_FALSE(verdict.notices.empty());
    EXPECT_EQ(verdict.notices[0].priority,
              check == config::DnsCheck::strict ? log::Priority::alert : log::Priority::warning);
    EXPECT_NE(verdict.notices[0].text.find("10.0.0.7"), std::string::npos);
    EXPECT_NE(verdict.notices[0].text.find("node7.example.com"), std::string::npos);
    EXPECT_NE(verdict.notices[0].text.find("lb.example.com"), std::string::npos);
  }
}

TEST(NameVerdict, SilenceFromDnsIsAWarningEvenWhenStrict) {
  FakeResolver& resolver = fresh_resolver();
  const NameVerdict verdict = check_names(config_with("lb.example.com", config::DnsCheck::strict), resolver, 100ms);
  resolver.release();
  EXPECT_FALSE(verdict.refused);
  ASSERT_EQ(verdict.notices.size(), 1u);
  EXPECT_EQ(verdict.notices[0].priority, log::Priority::warning);
  ASSERT_EQ(verdict.states.names.size(), 1u);
  EXPECT_EQ(verdict.states.names[0].troubles.size(), 1u);
  EXPECT_TRUE(verdict.states.names[0].report.views.empty());
}

TEST(NameVerdict, OffAsksNothing) {
  FakeResolver& resolver = fresh_resolver();
  const NameVerdict verdict = check_names(config_with("lb.example.com", config::DnsCheck::off), resolver, 100ms);
  resolver.release();
  EXPECT_FALSE(verdict.refused);
  EXPECT_TRUE(verdict.states.names.empty());
}

TEST(NameVerdict, AnUnreadableKeytabIsAWarning) {
  FakeResolver& resolver = fresh_resolver();
  resolver.names["lb.example.com"] = ip("10.0.0.7");
  config::Config config = config_with("lb.example.com", config::DnsCheck::strict);
  config.global.kerberos.keytab = "/nowhere/impala.keytab";
  const NameVerdict verdict = check_names(config, resolver, 3s);
  EXPECT_FALSE(verdict.refused);
  ASSERT_FALSE(verdict.notices.empty());
  EXPECT_NE(verdict.notices[0].text.find("/nowhere/impala.keytab"), std::string::npos);
}

}  // namespace
}  // namespace kerbgate::keeper
