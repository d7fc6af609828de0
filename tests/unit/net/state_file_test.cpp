#include "keeper/state_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "hs2/handle_file.hpp"

namespace kerbgate::keeper {
namespace {

using namespace std::chrono_literals;
using Known = StateFile::Known;

class StateFileTest : public ::testing::Test {
 protected:
  StateFileTest() {
    char name[] = "/tmp/state_file_test.XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = folder_ / "state";
  }
  ~StateFileTest() override { std::filesystem::remove_all(folder_); }

  void put(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  [[nodiscard]] std::string bytes() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// What a proxy that starts now reads.
  Known read_anew() {
    notices_.clear();
    return StateFile().news(path_, notices_);
  }
  void expect_warned(const std::string& words) {
    ASSERT_EQ(notices_.size(), 1u);
    EXPECT_EQ(notices_[0].priority, log::Priority::warning);
    EXPECT_NE(notices_[0].text.find(words), std::string::npos) << notices_[0].text;
    EXPECT_NE(notices_[0].text.find(path_.string()), std::string::npos) << notices_[0].text;
  }

  const Known one_{{"a", "host1:21050", 900s, 0s}};
  std::filesystem::path folder_, path_;
  std::vector<Notice> notices_;
  StateFile state_;
};

TEST_F(StateFileTest, WhatWasWrittenIsReadByTheNextProxy) {
  EXPECT_TRUE(state_.news(path_, notices_).empty());
  state_.write(path_, one_, {}, notices_);
  EXPECT_TRUE(notices_.empty());
  EXPECT_TRUE(state_.news(path_, notices_).empty()) << "its own word is no news";
  struct stat about {};
  ASSERT_EQ(::stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777u, 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  const Known read = read_anew();
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].handle, "a");
  EXPECT_EQ(read[0].server, "host1:21050");
}

TEST_F(StateFileTest, WhatAnotherProxyWroteIsNewsOnceAndJoined) {
  StateFile other;
  state_.write(path_, one_, {}, notices_);
  other.write(path_, {{"b", "host2:21050", 900s, 0s}}, other.news(path_, notices_), notices_);
  Known news = state_.news(path_, notices_);
  EXPECT_EQ(news.size(), 2u);
  EXPECT_TRUE(state_.news(path_, notices_).empty());
  state_.write(path_, {{"c", "host3:21050", 900s, 0s}}, std::move(news), notices_);
  EXPECT_EQ(read_anew().size(), 3u);
}

TEST_F(StateFileTest, ADamagedOneIsSaidAndReplaced) {
  state_.write(path_, one_, {}, notices_);
  put(bytes().substr(0, 40));
  EXPECT_TRUE(state_.news(path_, notices_).empty());
  expect_warned("is not used: it is damaged: ");
  notices_.clear();
  EXPECT_TRUE(state_.news(path_, notices_).empty());
  EXPECT_TRUE(notices_.empty()) << "said once";
  state_.write(path_, one_, {}, notices_);
  EXPECT_EQ(read_anew().size(), 1u);
}

TEST_F(StateFileTest, AFileOfSomethingElseIsSaidAndStays) {
  put("[libdefaults]\n");
  EXPECT_TRUE(state_.news(path_, notices_).empty());
  expect_warned("stays as it is and is not used: it is no state file of kerbgate");
  state_.write(path_, one_, {}, notices_);
  EXPECT_EQ(bytes(), "[libdefaults]\n");
  // Until it is moved away.
  std::filesystem::remove(path_);
  EXPECT_TRUE(state_.news(path_, notices_).empty());
  state_.write(path_, one_, {}, notices_);
  EXPECT_EQ(read_anew().size(), 1u);
}

TEST_F(StateFileTest, AGiantOneStays) {
  std::filesystem::resize_file((put(""), path_), 17u << 20);
  EXPECT_TRUE(read_anew().empty());
  expect_warned("larger than 16 MiB");
}

TEST_F(StateFileTest, OneThatOthersMayWriteToIsNotBelieved) {
  state_.write(path_, one_, {}, notices_);
  ASSERT_EQ(::chmod(path_.c_str(), 0602), 0);
  EXPECT_TRUE(read_anew().empty());
  expect_warned("others than its owner may write to it");
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root may give files away";
  ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
  ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
  EXPECT_TRUE(read_anew().empty());
  expect_warned("it belongs to user 65534, neither root nor who started the proxy");
}

TEST_F(StateFileTest, AFolderThatIsNotThereIsSaidOnceAndUsedWhenItIs) {
  const std::filesystem::path folder = folder_ / "none";
  path_ = folder / "state";
  EXPECT_NE(trouble_of_state_file(path_).find("No such file or directory"), std::string::npos);
  EXPECT_TRUE(state_.news(path_, notices_).empty());
  expect_warned("cannot be written: no file can be made in " + folder.string() + ": No such file or directory");
  notices_.clear();
  for (int i = 0; i < 3; ++i) state_.write(path_, one_, {}, notices_);
  EXPECT_EQ(notices_.size(), 1u);
  std::filesystem::create_directory(folder);
  state_.write(path_, one_, {}, notices_);
  EXPECT_EQ(read_anew().size(), 1u);
  EXPECT_EQ(trouble_of_state_file(path_), "");
}

TEST_F(StateFileTest, AFolderOfThatNameIsSaid) {
  std::filesystem::create_directory(path_);
  EXPECT_NE(trouble_of_state_file(path_).find("it is a folder"), std::string::npos);
}

TEST_F(StateFileTest, AWorkersWordIsCheckedToo) {
  std::ofstream(path_) << "nonsense";
  const net::Fd nonsense(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(handles_in(nonsense.get()));
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_FALSE(handles_in(ends[0])) << "a pipe is not waited for";
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace kerbgate::keeper
