#include <gtest/gtest.h>

#include "kerbgate/sasl_frame.hpp"
#include "unit/proxy/login_bytes.hpp"

namespace kerbgate::sasl {
namespace {

namespace fixture = login::fixture;
using fixture::Buffer;
using namespace std::string_view_literals;

struct PlainCase {
  const char* name;
  std::string_view text;
  std::size_t limit;
  std::string_view want;
};
class Plain : public testing::TestWithParam<PlainCase> {};

TEST_P(Plain, GivesOneLineOfAsciiWithoutQuotes) {
  EXPECT_EQ(plain(GetParam().text, GetParam().limit), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, Plain,
    testing::Values(PlainCase{"Empty", "", 10, ""},
                    PlainCase{"AsItIs", "ticket is for a/b@C", 80, "ticket is for a/b@C"},
                    PlainCase{"LinesBecomeBlanks", "one\r\n\ttwo\nthree\n", 80, "one two three"},
                    PlainCase{"BlanksAtTheEndsGo", "  a  b  ", 80, "a b"},
                    PlainCase{"Quotes", "a\"b'c`d\\e", 80, "a?b?c?d?e"},
                    PlainCase{"Escape", "\x1b[31mred", 80, "?[31mred"}, PlainCase{"Nul", "a\0b"sv, 80, "a?b"},
                    PlainCase{"Delete", "a\x7f", 80, "a?"}, PlainCase{"Utf8", "M\xc3\xbcller", 80, "M??ller"},
                    PlainCase{"JustFits", "abcdef", 6, "abcdef"}, PlainCase{"OneOver", "abcdefg", 6, "abc..."},
                    PlainCase{"BlankAtTheCut", "abcde f", 6, "abc..."}, PlainCase{"SmallestLimit", "abcd", 3, "..."}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Header, WaitsForFiveBytes) {
  const Buffer whole = fixture::sasl(2, 0x80000001u, {});
  for (std::size_t cut = 0; cut < kHeaderSize; ++cut) EXPECT_FALSE(read_header(Bytes(whole).first(cut))) << cut;
  const auto header = read_header(whole);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->status, 2);
  EXPECT_EQ(header->length, 0x80000001u);
}

TEST(Frame, CarriesStatusLengthAndText) {
  EXPECT_EQ(frame(Status::error, "no"), fixture::sasl(4, fixture::bytes("no")));
  EXPECT_EQ(frame(Status::bad, ""), fixture::sasl(3, {}));
}

TEST(Frame, HoldsAThousandCharactersAtMost) {
  const Buffer longest = frame(Status::error, std::string(20'000, 'x'));
  EXPECT_EQ(longest, fixture::sasl(4, fixture::bytes(std::string(997, 'x') + "...")));
}

TEST(Frame, CountsTheBytesThatItSends) {
  EXPECT_EQ(frame(Status::error, "a\n\n\"b\""), fixture::sasl(4, fixture::bytes("a ?b?")));
}

TEST(Status, HasFiveValues) {
  std::string known;
  for (int value = 0; value < 256; ++value) {
    if (is_status(static_cast<std::uint8_t>(value))) known += std::to_string(value);
  }
  EXPECT_EQ(known, "12345");
}

}  // namespace
}  // namespace kerbgate::sasl
