#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "unit/keytool/support/terminal.hpp"

namespace {

class Colour : public testing::Test {
 protected:
  void SetUp() override { work_.write("k", std::vector<std::uint8_t>{5, 2}); }

  TemporaryDirectory work_;
};

TEST_F(Colour, ShowsOnATerminal) {
  Terminal terminal(work_, {"read", "k"});
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_NE(terminal.seen().find("\033[33mempty"), std::string::npos) << terminal.seen();
}

TEST_F(Colour, IsOffWhereNoColorIsSet) {
  Terminal terminal(work_, {"read", "k"}, "NO_COLOR=1");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_NE(terminal.seen().find("k: empty"), std::string::npos) << terminal.seen();
  EXPECT_EQ(terminal.seen().find('\033'), std::string::npos) << terminal.seen();
}

TEST_F(Colour, IsOffInAPipe) {
  FILE* pipe = popen((std::string(KERBGATE_KEYTOOL) + " read " + work_.file("k")).c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::array<char, 4096> text{};
  const std::size_t size = fread(text.data(), 1, text.size(), pipe);
  EXPECT_EQ(pclose(pipe), 0);
  const std::string shown(text.data(), size);
  EXPECT_NE(shown.find("k: empty"), std::string::npos) << shown;
  EXPECT_EQ(shown.find('\033'), std::string::npos) << shown;
}

}  // namespace
