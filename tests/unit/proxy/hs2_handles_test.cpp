#include <gtest/gtest.h>

#include <thread>

#include "hs2/answer.hpp"
#include "hs2/handles.hpp"
#include "unit/proxy/thrift_bytes.hpp"

namespace kerbgate::hs2 {
namespace {

using namespace std::chrono_literals;
constexpr Handles::Now kStart{};

TEST(Handles, SayWhichCoordinatorMadeOne) {
  Handles handles;
  handles.learn("a", "host1:21050", kStart, 900s);
  handles.learn("b", "host2:21050", kStart, 900s);
  EXPECT_EQ(handles.find("a", kStart), "host1:21050");
  EXPECT_EQ(handles.find("b", kStart), "host2:21050");
  EXPECT_EQ(handles.find("c", kStart), "");
}

TEST(Handles, ExpireAfterTheirLastUse) {
  Handles handles;
  handles.learn("a", "host1:21050", kStart, 900s);
  EXPECT_EQ(handles.find("a", kStart + 800s), "host1:21050");
  EXPECT_EQ(handles.find("a", kStart + 1700s), "host1:21050");
  EXPECT_EQ(handles.find("a", kStart + 2601s), "");
  EXPECT_EQ(handles.size(), 0u);
}

TEST(Handles, ThoseUsedLongestAgoMakeRoom) {
  Handles handles(3);
  for (const char* name : {"a", "b", "c"}) handles.learn(name, "host1:21050", kStart, 900s);
  EXPECT_NE(handles.find("a", kStart + 1s), "");
  handles.learn("d", "host1:21050", kStart + 2s, 900s);
  EXPECT_EQ(handles.find("b", kStart + 3s), "");
  EXPECT_NE(handles.find("a", kStart + 3s), "");
  EXPECT_EQ(handles.size(), 3u);
}

TEST(Handles, ExpiredOnesMakeRoomByAndBy) {
  Handles handles;
  for (int i = 0; i < 100; ++i) handles.learn("old" + std::to_string(i), "host1:21050", kStart, 900s);
  for (int i = 0; i < 60; ++i) handles.learn("new" + std::to_string(i), "host1:21050", kStart + 1h, 900s);
  EXPECT_EQ(handles.size(), 60u);
}

TEST(Handles, AnotherCoordinatorsWordReplacesTheFirst) {
  Handles handles;
  handles.learn("a", "host1:21050", kStart, 900s);
  handles.learn("a", "host2:21050", kStart, 900s);
  EXPECT_EQ(handles.find("a", kStart), "host2:21050");
  EXPECT_EQ(handles.size(), 1u);
}

TEST(Handles, AreSharedByThreads) {
  Handles handles(50);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&handles, t] {
      for (int i = 0; i < 2000; ++i) {
        const std::string name = std::to_string((i * 7 + t) % 100);
        handles.learn(name, "host" + name, kStart + std::chrono::seconds(i), 900s);
        const std::string found = handles.find(name, kStart + std::chrono::seconds(i));
        if (!found.empty() && found != "host" + name) ADD_FAILURE() << name << " is on " << found;
      }
    });
  threads.clear();
  EXPECT_EQ(handles.size(), 50u);
}

TEST(Handles, AllAreThoseThatHaveNotExpired) {
  Handles handles;
  handles.learn("old", "host1:21050", kStart, 900s);
  for (int i = 0; i < 5000; ++i) handles.learn(std::to_string(i), "host2:21050", kStart + 800s, 1000s);
  std::vector<Handles::Known> all = handles.all(kStart + 901s);
  EXPECT_EQ(all.size(), 5000u);
  for (const Handles::Known& one : all)
    if (one.handle == "17") {
      EXPECT_EQ(one, (Handles::Known{"17", "host2:21050", 1000s, 101s}));
    }
  Handles after;
  after.adopt(std::move(all), kStart);
  EXPECT_EQ(after.size(), 5000u);
  EXPECT_EQ(after.find("17", kStart + 899s), "host2:21050");
  EXPECT_EQ(after.find("18", kStart + 900s), "");
}

TEST(Handles, OfAnothersWordTheLaterUseCounts) {
  Handles handles;
  handles.learn("a", "host1:21050", kStart + 100s, 900s);
  handles.learn("b", "host1:21050", kStart + 100s, 900s);
  const std::uint64_t before = handles.changes();
  handles.adopt({{"a", "host2:21050", 900s, 20s},
                 {"b", "host2:21050", 900s, 5s},
                 {"", "host2:21050", 900s, 5s},
                 {"c", "host2:21050", 900s, 901s}},
                kStart + 110s);
  EXPECT_EQ(handles.changes(), before + 1);
  EXPECT_EQ(handles.find("a", kStart + 110s), "host1:21050");
  EXPECT_EQ(handles.find("b", kStart + 110s), "host2:21050");
  EXPECT_EQ(handles.size(), 2u);
}

TEST(Handles, AdoptedOnesMakeRoomInTheOrderOfTheirUse) {
  Handles handles(2);
  handles.adopt({{"late", "h:1", 900s, 1s}, {"early", "h:1", 900s, 800s}, {"between", "h:1", 900s, 50s}}, kStart);
  EXPECT_EQ(handles.size(), 2u);
  EXPECT_EQ(handles.find("early", kStart), "");
  handles.learn("new", "h:1", kStart, 900s);
  EXPECT_EQ(handles.find("between", kStart), "");
  EXPECT_EQ(handles.find("late", kStart), "h:1");
}

TEST(Handles, AreCopiedAndTakenOverWhileThreadsLearn) {
  Handles one, two;
  const auto name = [](int t, int i) { return std::to_string(t) + "/" + std::to_string(i); };
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 3000; ++i) {
          one.learn(name(t, i), "host" + std::to_string(t), kStart, 900s);
          two.find(name(t, i), kStart);
        }
      });
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) two.adopt(one.all(kStart), kStart);
    });
  }
  two.adopt(one.all(kStart), kStart);
  EXPECT_EQ(two.size(), 9000u);
  for (int t = 0; t < 3; ++t) EXPECT_EQ(two.find(name(t, 2999), kStart), "host" + std::to_string(t));
}

TEST(Failure, OfOpenSessionStandsInItsOwnStatus) {
  using namespace fixture;
  const Message call{Kind::call, "OpenSession", 42, ""};
  const Buffer want = framed(Thrift()
                                 .head("OpenSession", 42, 2)
                                 .structure(0)
                                 .structure(1)
                                 .i32(1, 3)
                                 .text(5, "no ?way?")
                                 .end()
                                 .i32(2, 5)
                                 .end(2)
                                 .bytes);
  EXPECT_EQ(failure(call, "no\n'way'"), want);
}

TEST(Failure, OfAnyOtherCallIsAnException) {
  using namespace fixture;
  const Message call{Kind::call, "FetchResults", -2, ""};
  const Buffer want = framed(Thrift().head("FetchResults", 0xfffffffeu, 3).text(1, "gone").i32(2, 6).end().bytes);
  EXPECT_EQ(failure(call, "gone"), want);
}

TEST(Failure, OfAOnewayCallIsNotTold) { EXPECT_TRUE(failure({Kind::oneway, "X", 1, ""}, "gone").empty()); }

}  // namespace
}  // namespace kerbgate::hs2
