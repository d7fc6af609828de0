#include "text_file.hpp"

#include <gtest/gtest.h>

#include "unit/keytool/temporary_directory.hpp"

namespace kerbgate {
namespace {

using Names = std::vector<std::string>;

TEST(TextFile, ReplacesWholeAndLeavesNothingBeside) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a/b/file");
  for (const std::string text : {"first\n", "", "third, longer\n"}) {
    ASSERT_TRUE(replace_text(path, text));
    EXPECT_EQ(read_text(path).value(), text);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.file("a/b")), {}), 1);
  EXPECT_EQ(mode_of(path), 0644U);
}

TEST(TextFile, AFailureNamesThePathAndLeavesNothing) {
  const TemporaryDirectory directory;
  const std::string taken = directory.file("taken");
  std::filesystem::create_directories(taken + "/inside");
  const auto done = replace_text(taken, "x");
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what.find("write " + taken), std::string::npos) << done.error().what;
  EXPECT_EQ(directory.names(), Names{"taken"});
  EXPECT_TRUE(read_text(directory.file("none")).error().is(Errc::not_found));
  EXPECT_FALSE(read_text(taken));
}

}  // namespace
}  // namespace kerbgate
