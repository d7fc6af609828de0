#include "page/text.hpp"

#include <gtest/gtest.h>

namespace kerbgate::page {
namespace {

TEST(PageText, MarksOfHtmlBecomeEntities) {
  EXPECT_EQ(escaped("<script>alert(\"a\" + 'b') & c</script>"),
            "&lt;script&gt;alert(&quot;a&quot; + &#39;b&#39;) &amp; c&lt;/script&gt;");
}

TEST(PageText, OrdinaryTextOfAnyScriptStays) {
  EXPECT_EQ(escaped("impala/höst.example.com@EXAMPLE.COM"), "impala/höst.example.com@EXAMPLE.COM");
  EXPECT_EQ(escaped("\xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x98\x80"), "\xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x98\x80");
}

TEST(PageText, WhatIsNotUtf8IsReplacedByteByByte) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped("a\xFF\xC3(b"), "a" + mark + mark + "(b");
  EXPECT_EQ(escaped("\xC0\xAF"), mark + mark) << "an overlong slash";
  EXPECT_EQ(escaped("\xED\xA0\x80"), mark + mark + mark) << "a surrogate";
  EXPECT_EQ(escaped("\xF4\x90\x80\x80"), mark + mark + mark + mark) << "beyond U+10FFFF";
  EXPECT_EQ(escaped("\xE6\x97"), mark + mark) << "cut short";
}

TEST(PageText, ControlsAndTurnsOfDirectionAreReplaced) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped(std::string("a\0b\x1B\r\n\x7F", 7)), "a" + mark + "b" + mark + mark + mark + mark);
  EXPECT_EQ(escaped("evil\xE2\x80\xAEmoc.elpmaxe"), "evil" + mark + "moc.elpmaxe");
}

TEST(PageText, LongTextIsCutWithAnEllipsis) {
  const std::string out = escaped(std::string(10'240, 'x'));
  EXPECT_EQ(out, std::string(400, 'x') + "\xE2\x80\xA6");
  EXPECT_EQ(escaped("abc", 3), "abc");
}

TEST(PageText, EveryByteAndPairOfBytesLeavesNoMark) {
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      const std::string out = escaped(std::string{char(a), char(b)});
      EXPECT_EQ(out.find_first_of("<>\"'"), std::string::npos) << a << ' ' << b;
    }
}

TEST(PageText, NumbersAreReadable) {
  EXPECT_EQ(count(0), "0");
  EXPECT_EQ(count(1'234'567), "1,234,567");
  EXPECT_EQ(count(123'456'789), "123 M");
  EXPECT_EQ(bytes(1023), "1023 B");
  EXPECT_EQ(bytes(1024), "1.00 KiB");
  EXPECT_EQ(bytes(1'048'575), "1.00 MiB");
  EXPECT_EQ(bytes(UINT64_MAX), "16.0 EiB");
  EXPECT_EQ(duration(-5), "0 s");
  EXPECT_EQ(duration(61), "1 m 1 s");
  EXPECT_EQ(duration(7200), "2 h");
  EXPECT_EQ(duration(90'000), "1 d 1 h");
}

}  // namespace
}  // namespace kerbgate::page
