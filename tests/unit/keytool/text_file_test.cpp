#include "text_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>

namespace kerbgate {
namespace {

namespace fs = std::filesystem;

class TextFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "kerbgate-text-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { fs::remove_all(directory_); }
  [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }

  fs::path directory_;
};

TEST_F(TextFile, ReplacesWholeAndLeavesNothingBeside) {
  for (const std::string text : {"first\n", "", "third, longer\n"}) {
    ASSERT_TRUE(replace_text(path("a/b/file"), text));
    EXPECT_EQ(read_text(path("a/b/file")).value(), text);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "a/b"), {}), 1);
  struct stat status {};
  ASSERT_EQ(stat(path("a/b/file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
}

TEST_F(TextFile, AFailureNamesThePathAndLeavesNothing) {
  fs::create_directories(directory_ / "taken/inside");
  const auto done = replace_text(path("taken"), "x");
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what.find("write " + path("taken")), std::string::npos) << done.error().what;
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 1);
  EXPECT_TRUE(read_text(path("none")).error().is(Errc::not_found));
  EXPECT_FALSE(read_text(path("taken")));
}

}  // namespace
}  // namespace kerbgate
