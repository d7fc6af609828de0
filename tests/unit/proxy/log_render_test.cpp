#include "log/render.hpp"

#include <boost/json.hpp>

#include "log_fixture.hpp"

namespace kerbgate::log {
namespace {

using config::LogFormat;
using config::LogTarget;

struct Rendering {
  const char* name;
  LogFormat format;
  int min_level;
  const char* expected;
};

class Render : public testing::TestWithParam<Rendering> {};

TEST_P(Render, WritesTheHeaderOfItsFormat) {
  const Zone zone("XYZ-5:30");
  LogTarget target;
  target.format = GetParam().format;
  target.min_level = GetParam().min_level;
  EXPECT_EQ(
      render(target, Priority::info, "up\nnow", moment("02/Nov/2026:08:05:09", 42), "lb.example.com", "kerbgate", 7),
      GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, Render,
    testing::Values(Rendering{"rfc3164", LogFormat::rfc3164, 0, "<134>Nov  2 08:05:09 kerbgate[7]: up now"},
                    Rendering{"rfc5424", LogFormat::rfc5424, 0,
                              "<134>1 2026-11-02T08:05:09.042000+05:30 lb.example.com kerbgate 7 - - up now"},
                    Rendering{"raw", LogFormat::raw, 0, "up now"},
                    Rendering{"brief", LogFormat::short_, 0, "<6>up now"},
                    Rendering{"json", LogFormat::json, 0,
                              R"({"time":"2026-11-02T08:05:09.042000+05:30","level":"info","host":"lb.example.com",)"
                              R"("program":"kerbgate","pid":7,"message":"up\\x0anow"})"},
                    Rendering{"GraverThanMinLevel", LogFormat::short_, 7, "<7>up now"},
                    Rendering{"NotGraverThanMinLevel", LogFormat::short_, 4, "<6>up now"}),
    [](const auto& rendering) { return std::string(rendering.param.name); });

TEST(Render, FacilityMakesThePriority) {
  LogTarget target;
  target.facility = 3;
  EXPECT_TRUE(render(target, Priority::alert, "m", {}, "", "t", 1).starts_with("<25>"));
}

TEST(Render, EmptyHostIsAHyphenInRfc5424) {
  LogTarget target;
  target.format = LogFormat::rfc5424;
  EXPECT_TRUE(render(target, Priority::info, "m", {}, "", "my tag", 1).ends_with("+00:00 - my_tag 1 - - m"));
}

TEST(Render, CutsAtMaxLengthButNotWithinACharacter) {
  LogTarget target;
  target.format = LogFormat::raw;
  target.max_length = 5;
  EXPECT_EQ(render(target, Priority::info, "abcdefg", {}, "", "t", 1), "abcde");
  EXPECT_EQ(render(target, Priority::info, "abcd\xc3\xa9", {}, "", "t", 1), "abcd");
  EXPECT_EQ(render(target, Priority::info, "abc\xc3\xa9", {}, "", "t", 1), "abc\xc3\xa9");
}

TEST(Render, JsonStaysWholeWhenCut) {
  LogTarget target;
  target.format = LogFormat::json;
  target.max_length = 200;
  const std::string line = render(target, Priority::info, std::string(500, '"'), {}, "h", "t", 1);
  EXPECT_LE(line.size(), 200U);
  const auto value = boost::json::parse(line);
  EXPECT_GT(value.at("message").as_string().size(), 20U);
}

TEST(RenderObject, PutsMembersBesideTheHeaders) {
  LogTarget target;
  target.format = LogFormat::json;
  const auto value = boost::json::parse(render_object(target, Priority::err, R"({"a":1,"b":[2]})", {}, "h", "t", 5));
  EXPECT_EQ(value.at("level"), "err");
  EXPECT_EQ(value.at("pid"), 5);
  EXPECT_EQ(value.at("a"), 1);
  EXPECT_EQ(value.at("b").at(0), 2);
  EXPECT_FALSE(value.as_object().contains("truncated"));
  EXPECT_EQ(boost::json::parse(render_object(target, Priority::err, "{}", {}, "h", "t", 5)).as_object().size(), 5U);
}

TEST(RenderObject, LosesWholeMembersWhenCut) {
  LogTarget target;
  target.format = LogFormat::json;
  target.max_length = 200;
  const std::string object = R"({"a":1,"long":")" + std::string(300, 'x') + R"(","z":26})";
  const std::string line = render_object(target, Priority::err, object, {}, "h", "t", 5);
  EXPECT_LE(line.size(), 200U);
  const auto value = boost::json::parse(line);
  EXPECT_EQ(value.at("truncated"), true);
  EXPECT_EQ(value.at("a"), 1);
  EXPECT_EQ(value.at("z"), 26);
  EXPECT_FALSE(value.as_object().contains("long"));
}

TEST(RenderObject, IsTheMessageInOtherFrames) {
  LogTarget target;
  const std::string object = R"({"a":1,"long":")" + std::string(300, 'x') + R"("})";
  const std::string whole = render_object(target, Priority::info, object, {}, "h", "t", 5);
  EXPECT_EQ(whole, render(target, Priority::info, object, {}, "h", "t", 5));
  target.format = LogFormat::raw;
  target.max_length = 200;
  EXPECT_EQ(render_object(target, Priority::info, object, {}, "h", "t", 5), R"({"truncated":true,"a":1})");
}

}  // namespace
}  // namespace kerbgate::log
