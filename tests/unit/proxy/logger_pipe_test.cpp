#include <fcntl.h>
#include <unistd.h>

#include <thread>

#include "log/sink.hpp"
#include "logger_fixture.hpp"

/// Targets stdout and stderr.
namespace kerbgate::log {
namespace {

using config::LogFormat;
using config::LogTarget;

/// Standard output is a pipe for the length of a test.
class OutIsPipe {
 public:
  OutIsPipe() : saved_(dup(STDOUT_FILENO)) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    EXPECT_EQ(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    close(ends[1]);
    in_.reset(ends[0]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }
  ~OutIsPipe() {
    dup2(saved_, STDOUT_FILENO);
    close(saved_);
  }
  OutIsPipe(const OutIsPipe&) = delete;
  OutIsPipe& operator=(const OutIsPipe&) = delete;
  std::string read_all() {
    std::string all;
    char text[65536];
    for (ssize_t size; (size = read(in_.get(), text, sizeof text)) > 0;)
      all.append(text, static_cast<std::size_t>(size));
    return all;
  }
  void close_reader() { in_.reset(); }

 private:
  int saved_;
  Descriptor in_;
};

LogTarget out_target() {
  LogTarget t;
  t.kind = LogTarget::Kind::out;
  t.format = LogFormat::raw;
  return t;
}

TEST(Logger, WritesWholeLinesToStandardOutput) {
  OutIsPipe out;
  auto log = logger({out_target()});
  log.send(Priority::info, "one");
  log.send(Priority::info, "two\nthree");
  EXPECT_EQ(out.read_all(), "one\ntwo three\n");
}

TEST(Logger, FullPipeDropsAndDoesNotBlock) {
  OutIsPipe out;
  auto log = logger({out_target()});
  const std::string line(1000, 'x');
  while (log.dropped() < 12) log.send(Priority::info, line);
  EXPECT_EQ(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK, 0);
  std::string all = out.read_all();
  EXPECT_EQ(all.size() % 1001, 0U);
  log.send(Priority::info, "again");
  EXPECT_EQ(out.read_all(), "kerbgate: 12 messages dropped\nagain\n");
}

TEST(Logger, OneLostMessageIsOne) {
  OutIsPipe out;
  auto log = logger({out_target()});
  while (log.dropped() < 1) log.send(Priority::info, std::string(1000, 'x'));
  out.read_all();
  log.send(Priority::info, "again");
  EXPECT_EQ(out.read_all(), "kerbgate: 1 message dropped\nagain\n");
}

TEST(Logger, ReportsLossesAtTheTargetsOwnLevel) {
  OutIsPipe out;
  LogTarget target = out_target();
  target.level = static_cast<int>(Priority::err);
  target.format = LogFormat::short_;
  auto log = logger({target});
  while (log.dropped() < 1) log.send(Priority::err, std::string(1000, 'x'));
  out.read_all();
  log.send(Priority::crit, "again");
  EXPECT_EQ(out.read_all(), "<3>kerbgate: 1 message dropped\n<2>again\n");
}

TEST(Logger, PipeWithoutReaderDrops) {
  OutIsPipe out;
  out.close_reader();
  auto log = logger({out_target()});
  log.send(Priority::info, "m");
  EXPECT_EQ(log.dropped(), 1U);
}

TEST(Logger, LinesToAPipeAreAtomic) {
  OutIsPipe out;
  LogTarget target = out_target();
  target.max_length = 65535;
  auto log = logger({target});
  log.send(Priority::info, std::string(10'000, 'x'));
  EXPECT_EQ(out.read_all(), std::string(4095, 'x') + "\n");
}

TEST(Logger, LinesOfManyThreadsStayWhole) {
  OutIsPipe out;
  auto log = logger({out_target()});
  constexpr int kThreads = 8, kLines = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&log, t] {
      for (int i = 0; i < kLines; ++i) log.send(Priority::info, std::string(50, static_cast<char>('a' + t)));
    });
  for (auto& thread : threads) thread.join();
  const std::string all = out.read_all();
  std::size_t lines = 0;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    const std::string line = all.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("kerbgate: ")) continue;
    ++lines;
    ASSERT_EQ(line, std::string(50, line[0]));
  }
  EXPECT_EQ(lines + log.dropped(), static_cast<std::uint64_t>(kThreads * kLines));
}

TEST(Logger, WritesToStandardErrorToo) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const int saved = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  LogTarget target = out_target();
  target.kind = LogTarget::Kind::err;
  {
    auto log = logger({target});
    log.send(Priority::warning, "to err");
  }
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(ends[1]);
  char text[64];
  const auto size = read(ends[0], text, sizeof text);
  close(ends[0]);
  EXPECT_EQ(std::string(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))), "to err\n");
}

}  // namespace
}  // namespace kerbgate::log
