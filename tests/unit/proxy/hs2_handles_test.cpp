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
