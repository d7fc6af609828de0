#include "keeper/keeper.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "hs2/handle_file.hpp"
#include "keeper/background.hpp"

namespace kerbgate::keeper {
namespace {

/// Knows one name, until told that nobody answers.
class FlakyResolver final : public Resolver {
 public:
  Result<Forward> forward(const std::string& host) override {
    const std::lock_guard lock(mutex_);
    if (silent_) return Error{Errc::dns_no_answer, host + ": no answer"};
    return Forward{{*IpAddress::parse("10.0.0.1")}, host};
  }
  Result<std::optional<std::string>> reverse(const IpAddress&) override { return std::optional<std::string>{}; }
  void fall_silent() {
    const std::lock_guard lock(mutex_);
    silent_ = true;
  }

 private:
  std::mutex mutex_;
  bool silent_ = false;
};

/// A keeper at work, and the worker's end of its channel.
class KeeperTest : public ::testing::Test {
 protected:
  KeeperTest() {
    char name[] = "/tmp/keeper_test.XXXXXX";
    folder_ = ::mkdtemp(name);
    write("mode tcp");
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    signals_ = net::Fd(ends[0]);
    to_signals_ = net::Fd(ends[1]);
  }
  ~KeeperTest() override {
    ends_.second.close();
    if (thread_.joinable()) thread_.join();
    std::filesystem::remove_all(folder_);
  }

  void write(const std::string& more) {
    std::ofstream(folder_ / "proxy.cfg") << "listen a\n  bind unix@" << (folder_ / "a.sock").string() << "\n  " << more
                                         << "\n  server s db.example.com:21050\n";
  }

  Outfit start() {
    Sources sources;
    sources.paths.push_back(folder_ / "proxy.cfg");
    Result<std::vector<config::SourceText>> texts = read_texts(sources);
    config::Parsed parsed = parse(sources, *texts);
    EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.diagnostics[0].str());
    keeper_ = std::make_unique<Keeper>(sources, parsed.config, *texts, resolver_, 1, true);
    Result<Outfit> outfit = keeper_->first();
    EXPECT_TRUE(outfit.ok());
    thread_ = std::thread([this] { keeper_->serve(ends_.first, signals_.get()); });
    return std::move(*outfit);
  }

  void signal(int number) {
    signalfd_siginfo info{};
    info.ssi_signo = std::uint32_t(number);
    EXPECT_EQ(::write(to_signals_.get(), &info, sizeof info), ssize_t(sizeof info));
  }
  Message hear() {
    Result<Message> message = ends_.second.receive();
    EXPECT_TRUE(message.ok());
    return message ? std::move(*message) : Message{};
  }

  std::filesystem::path folder_;
  FlakyResolver resolver_;
  net::Fd signals_, to_signals_;
  std::pair<Channel, Channel> ends_ = std::move(*Channel::pair());
  std::unique_ptr<Keeper> keeper_;
  std::thread thread_;
};

TEST_F(KeeperTest, AReloadWhileDnsIsSilentKeepsTheAddressesThatWereKnown) {
  const Outfit before = start();
  resolver_.fall_silent();
  signal(SIGHUP);
  Message message = hear();
  ASSERT_EQ(message.word, Word::outfit);
  const Result<Outfit> after = unpack(message.bytes.bytes(), std::move(message.fds));
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->hosts.at("db.example.com"), before.hosts.at("db.example.com"));
  ASSERT_FALSE(after->notices.empty());
  EXPECT_NE(after->notices[0].text.find("it keeps the addresses that it had"), std::string::npos);
}

TEST_F(KeeperTest, AReloadAfterTheWordToDrainIsRefused) {
  start();
  signal(SIGUSR1);
  EXPECT_EQ(hear().word, Word::drain);
  signal(SIGHUP);
  Message message = hear();
  ASSERT_EQ(message.word, Word::notices);
  const Result<Outfit> said = unpack(message.bytes.bytes(), {});
  ASSERT_TRUE(said.ok());
  EXPECT_NE(said->notices.at(0).text.find("SIGUSR1"), std::string::npos);
}

TEST_F(KeeperTest, HandlesThatTheWorkerSaysAreInTheNextOnesOutfit) {
  const std::string state = folder_ / "state", bind = "\n  bind unix@" + (folder_ / "b.sock").string();
  write("mode tcp\nglobal\n  kerberos state-file " + state + "\nlisten b\n  mode tcp" + bind);
  EXPECT_TRUE(start().handles.empty());
  signal(SIGHUP);
  ASSERT_EQ(hear().word, Word::outfit);
  ASSERT_EQ(hear().word, Word::save);
  const net::Fd file(::open((folder_ / "said").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const auto bytes = hs2::encode({{"a", "h1:21050", std::chrono::seconds(900), std::chrono::seconds(0)}},
                                 std::chrono::system_clock::now());
  ASSERT_EQ(::write(file.get(), bytes.data(), bytes.size()), ssize_t(bytes.size()));
  const int fd = file.get();
  ASSERT_TRUE(ends_.second.send(Word::handles, {}, {&fd, 1}));
  ends_.second.close();
  thread_.join();
  keeper_.reset();
  ends_ = std::move(*Channel::pair());
  const Outfit next = start();
  ASSERT_EQ(next.handles.size(), 1u);
  EXPECT_EQ(next.handles[0].handle, "a");
  EXPECT_EQ(next.handles[0].server, "h1:21050");
}

TEST_F(KeeperTest, AWorkerThatTakesNothingHoldsUpNobody) {
  write("mode tcp\n# " + std::string(400'000, 'x'));
  start();
  constexpr int kReloads = 3;
  for (int i = 0; i < kReloads; ++i) signal(SIGHUP);
  signal(SIGUSR1);
  // All signals are dealt with while nobody hears what comes of them.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (int unread = 1; unread != 0;) {
    ASSERT_EQ(::ioctl(signals_.get(), FIONREAD, &unread), 0);
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
  for (int i = 0; i < kReloads; ++i) {
    Message message = hear();
    ASSERT_EQ(message.word, Word::outfit);
    const Result<Outfit> outfit = unpack(message.bytes.bytes(), std::move(message.fds));
    ASSERT_TRUE(outfit.ok());
    EXPECT_GT(outfit->texts.at(0).text.size(), 400'000U);
    EXPECT_TRUE(outfit->sockets.at(0).fds.at(0));
  }
  EXPECT_EQ(hear().word, Word::drain);
}

TEST(KeeperChannel, KeepsWhatThePeerDoesNotTakeAndSendsItInOrder) {
  auto ends = std::move(*Channel::pair());
  Channel& from = ends.first;
  const std::vector<std::uint8_t> large(3'000'000, 7);
  const net::Fd null = open_null();
  const std::vector<int> fds(450, null.get());
  ASSERT_TRUE(from.post(Word::outfit, large, fds));
  EXPECT_TRUE(from.pending());
  ASSERT_TRUE(from.post(Word::notices, std::span(large).first(10)));
  ASSERT_TRUE(from.post(Word::stop));
  std::vector<Message> heard;
  std::thread peer([&] {
    for (int i = 0; i < 3; ++i)
      if (Result<Message> message = ends.second.receive()) heard.push_back(std::move(*message));
  });
  EXPECT_TRUE(from.send(Word::drain));  // after all that was posted
  EXPECT_FALSE(from.pending());
  peer.join();
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_EQ(heard[0].word, Word::outfit);
  EXPECT_EQ(heard[0].bytes, Secret(large));
  EXPECT_EQ(heard[0].fds.size(), fds.size());
  EXPECT_EQ(heard[1].bytes.size(), 10U);
  EXPECT_EQ(heard[2].word, Word::stop);
  EXPECT_EQ(ends.second.receive()->word, Word::drain);
  ends.second.close();
  EXPECT_FALSE(from.post(Word::stop));
}

TEST(PidFile, OfAnotherProcessIsLeftAlone) {
  const std::string path = ::testing::TempDir() + "pidfile_test." + std::to_string(::getpid());
  {
    const Result<PidFile> mine = PidFile::write(path);
    ASSERT_TRUE(mine.ok());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  {
    const Result<PidFile> mine = PidFile::write(path);
    ASSERT_TRUE(mine.ok());
    std::ofstream(path) << "1\n";
  }
  EXPECT_TRUE(std::filesystem::exists(path));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace kerbgate::keeper
