#include <gtest/gtest.h>

#include "hs2/follower.hpp"
#include "unit/proxy/thrift_bytes.hpp"

namespace kerbgate::hs2 {
namespace {

using namespace fixture;
using Event = Follower::Event;
using Side = Follower::Side;

/// What a follower makes of bytes that come in pieces of at most `piece` octets.
struct Heard {
  std::vector<Message> messages;  ///< as they stood at their ends
  std::vector<std::string> handles;
  bool lost = false, inside = false;
};
Heard hear(Side side, const Buffer& bytes, std::size_t piece = ~std::size_t{0}) {
  Follower follower(side);
  Heard heard;
  for (std::size_t at = 0; at < bytes.size();) {
    const Bytes part = Bytes(bytes).subspan(at, std::min(piece, bytes.size() - at));
    const auto step = follower.feed(part);
    at += step.used;
    if (step.event == Event::handle) heard.handles.push_back(follower.message().handle);
    if (step.event == Event::end) heard.messages.push_back(follower.message());
    if (step.event == Event::lost) heard.lost = true;
  }
  heard.inside = follower.inside();
  return heard;
}

TEST(Follower, ReadsMethodSequenceAndHandleWhereverItIsCut) {
  const Buffer said =
      join({open_session(7), execute(kGuid, "select 1", 8), about("FetchResults", "another handle!!", 9)});
  for (const std::size_t frame : {std::size_t{1}, std::size_t{2}, std::size_t{17}, said.size()})
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{64}, said.size() * 5}) {
      const Heard heard = hear(Side::calls, framed(said, frame), piece);
      ASSERT_EQ(heard.messages.size(), 3u) << frame << ' ' << piece;
      EXPECT_EQ(heard.messages[0].method, "OpenSession");
      EXPECT_EQ(heard.messages[0].sequence, 7);
      EXPECT_EQ(heard.messages[0].handle, "");
      EXPECT_EQ(heard.messages[1].handle, kGuid);
      EXPECT_EQ(heard.messages[2].method, "FetchResults");
      EXPECT_EQ(heard.messages[2].handle, "another handle!!");
      EXPECT_FALSE(heard.lost || heard.inside);
    }
}

TEST(Follower, KnowsTheHandleBeforeTheStatementHasCome) {
  const Buffer call = framed(execute(kGuid, std::string(100'000, 'x')));
  Follower follower(Side::calls);
  const auto step = follower.feed(Bytes(call).first(200));
  EXPECT_EQ(step.event, Event::handle);
  EXPECT_LT(step.used, 120u);
  EXPECT_TRUE(follower.inside());
  EXPECT_TRUE(follower.inside_frame());
}

TEST(Follower, TakesTheGuidAndNeverTheSecret) {
  const Buffer call = Thrift()
                          .head("CancelOperation", 1)
                          .structure(1)
                          .structure(1)
                          .structure(1)
                          .text(2, "the secret half!")
                          .text(1, kGuid)
                          .end(4)
                          .bytes;
  const Heard heard = hear(Side::calls, framed(call));
  ASSERT_EQ(heard.messages.size(), 1u);
  EXPECT_EQ(heard.messages[0].handle, kGuid);
}

struct OtherPlace {
  const char* name;
  Buffer call;
  std::string_view handle;
};
class FollowerPlace : public testing::TestWithParam<OtherPlace> {};
TEST_P(FollowerPlace, IsLookedUpByMethod) {
  const Heard heard = hear(Side::calls, framed(GetParam().call));
  ASSERT_EQ(heard.messages.size(), 1u);
  EXPECT_EQ(heard.messages[0].handle, GetParam().handle);
}
INSTANTIATE_TEST_SUITE_P(
    All, FollowerPlace,
    testing::Values(
        OtherPlace{"Planned",
                   Thrift().head("ExecutePlannedStatement", 1).structure(1).structure(1).handle(1, kGuid).end(3).bytes,
                   kGuid},
        OtherPlace{"UnknownMethodIsTakenForOneOfHiveServer2", about("GetSomethingNew"), kGuid},
        OtherPlace{"AGuidOfAnotherLengthIsNone", about("FetchResults", "short"), ""},
        OtherPlace{"NotInAList",
                   Thrift()
                       .head("X", 1)
                       .structure(1)
                       .field(kList, 1)
                       .number(kStruct, 1)
                       .number(1, 4)
                       .structure(1)
                       .text(1, kGuid)
                       .end(4)
                       .bytes,
                   ""},
        OtherPlace{"NotInAnotherField", Thrift().head("X", 1).structure(1).handle(2, kGuid).end(2).bytes, ""},
        OtherPlace{
            "BeeswaxFetch",
            Thrift().head("fetch", 1).structure(1).text(1, "8c4f:21").text(2, "log").end().i32(3, 1024).end().bytes,
            "8c4f:21"},
        OtherPlace{"BeeswaxQueryIsSqlAndNoHandle",
                   Thrift().head("query", 1).structure(1).text(1, "select 1").end(2).bytes, ""}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Follower, LearnsHandlesFromAnswers) {
  const Heard heard =
      hear(Side::replies, framed(join({session_opened(kGuid), operation_begun("operation 16 oct")})), 5);
  ASSERT_EQ(heard.messages.size(), 2u);
  EXPECT_EQ(heard.handles, (std::vector<std::string>{std::string(kGuid), "operation 16 oct"}));
  const Buffer query = Thrift().head("query", 1, 2).structure(0).text(1, "8c4f:21").end(2).bytes;
  EXPECT_EQ(hear(Side::replies, framed(query)).handles, std::vector<std::string>{"8c4f:21"});
}

TEST(Follower, AnExceptionHoldsNoHandle) {
  const Buffer answer = Thrift().head("OpenSession", 1, 3).structure(0).handle(3, kGuid).end(2).bytes;
  const Heard heard = hear(Side::replies, framed(answer));
  ASSERT_EQ(heard.messages.size(), 1u);
  EXPECT_EQ(heard.messages[0].kind, Kind::exception);
  EXPECT_TRUE(heard.handles.empty());
}

TEST(Follower, PassesOverEveryType) {
  Thrift call;
  call.head("ExecuteStatement", 1).structure(1);
  call.field(kBool, 20).number(1, 1).field(kByte, 21).number(1, 1).field(kI16, 22).number(1, 2).field(kI64, 23).number(
      1, 8);
  call.field(kDouble, 24).number(1, 8).field(kList, 25).number(kI32, 1).number(3, 4).number(0, 8).number(0, 4);
  call.field(kSet, 26).number(kText, 1).number(2, 4).octets("a").octets("");
  call.field(kMap, 27).number(kI16, 1).number(kI64, 1).number(2, 4).number(0, 8).number(0, 8).number(0, 4);
  call.field(kMap, 28).number(kText, 1).number(kStruct, 1).number(2, 4).octets("k").text(1, "v").end().octets("").end();
  call.field(kList, 29)
      .number(kList, 1)
      .number(2, 4)
      .number(kBool, 1)
      .number(0, 4)
      .number(kStruct, 1)
      .number(1, 4)
      .end();
  call.field(kMap, 30).number(0, 1).number(0, 1).number(0, 4).field(kList, 31).number(0, 1).number(0, 4);
  call.handle(1, kGuid).end(2);
  for (const std::size_t piece : {std::size_t{1}, call.bytes.size() + 4}) {
    const Heard heard = hear(Side::calls, framed(call.bytes), piece);
    ASSERT_EQ(heard.messages.size(), 1u);
    EXPECT_EQ(heard.messages[0].handle, kGuid);
    EXPECT_FALSE(heard.lost || heard.inside);
  }
}

TEST(Follower, AListOfFourGiBOfNumbersIsPassedOverWithoutReadingItOneByOne) {
  Buffer call = Thrift().head("X", 1).structure(1).field(kList, 5).number(kI64, 1).number(0x7fffffff, 4).bytes;
  call.resize(call.size() + 100'000);
  const Heard heard = hear(Side::calls, framed(call));
  EXPECT_TRUE(heard.inside);
  EXPECT_FALSE(heard.lost);
}

struct Foreign {
  const char* name;
  Buffer bytes;
  Side side = Side::calls;
};
class FollowerForeign : public testing::TestWithParam<Foreign> {};
TEST_P(FollowerForeign, IsLostAndStaysSo) {
  Follower follower(GetParam().side);
  Bytes rest(GetParam().bytes);
  Event last = Event::none;
  while (!rest.empty() && last != Event::lost) {
    const auto step = follower.feed(rest);
    rest = rest.subspan(step.used);
    last = step.event;
  }
  EXPECT_EQ(last, Event::lost);
  const Buffer more = framed(open_session());
  EXPECT_EQ(follower.feed(more).event, Event::lost);
  EXPECT_EQ(follower.feed(more).used, more.size());
}
INSTANTIATE_TEST_SUITE_P(
    All, FollowerForeign,
    testing::Values(Foreign{"FrameOf2GiB", Thrift().number(0x80000000u, 4).bytes},
                    Foreign{"FrameOfAllOnes", Thrift().number(0xffffffffu, 4).bytes},
                    Foreign{"NotStrict", framed(Thrift().octets("OpenSession").number(1, 1).number(0, 4).bytes)},
                    Foreign{"Http", framed(Buffer{'G', 'E', 'T', ' '})},
                    Foreign{"AnswerAmongCalls", framed(session_opened())},
                    Foreign{"CallAmongAnswers", framed(open_session()), Side::replies},
                    Foreign{"KindOfNoMeaning", framed(Thrift().head("X", 1, 9).bytes)},
                    Foreign{"LongName", framed(Thrift().number(0x80010001u, 4).number(129, 4).bytes)},
                    Foreign{"NegativeName", framed(Thrift().number(0x80010001u, 4).number(0xffffffffu, 4).bytes)},
                    Foreign{"NegativeText", framed(Thrift().head("X", 1).field(kText, 1).number(0x80000000u, 4).bytes)},
                    Foreign{"NegativeCount",
                            framed(Thrift().head("X", 1).field(kList, 1).number(kI32, 1).number(0xffffffffu, 4).bytes)},
                    Foreign{"UnknownType", framed(Thrift().head("X", 1).field(Type(99), 1).bytes)},
                    Foreign{"UnknownElement",
                            framed(Thrift().head("X", 1).field(kList, 1).number(1, 1).number(1, 4).bytes)}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(Follower, IsLostWhenNestedDeeperThanAnyCall) {
  Thrift deep;
  deep.head("X", 1);
  for (int i = 0; i < 100; ++i) deep.structure(1);
  EXPECT_TRUE(hear(Side::calls, framed(deep.bytes)).lost);
}

TEST(Follower, EveryCutOfACallIsWithinIt) {
  const Buffer call = framed(execute(kGuid, "select 1"));
  for (std::size_t cut = 1; cut < call.size(); ++cut) {
    const Heard heard = hear(Side::calls, Buffer(call.begin(), call.begin() + std::ptrdiff_t(cut)));
    EXPECT_TRUE(heard.messages.empty()) << cut;
    EXPECT_FALSE(heard.lost) << cut;
    EXPECT_EQ(heard.inside, cut > 4) << cut;
  }
}

}  // namespace
}  // namespace kerbgate::hs2
