#include "hs2/handle_file.hpp"

#include <gtest/gtest.h>

#include "unit/proxy/handle_bytes.hpp"

namespace kerbgate::hs2 {
namespace {

using namespace std::chrono_literals;
using fixture::sealed;
using Known = Handles::Known;
using Octets = std::vector<std::uint8_t>;

const std::chrono::system_clock::time_point kNow{1'800'000'000s};
const std::string kGuid("\0\1\2\3\xff\n4567890abcd", 16);

std::vector<Known> sample() {
  return {{kGuid, "impala-1.example.com:21050", 900s, 10s},
          {"aab4:17", "impala-2.example.com:21000", 43'200s, 0s},
          {"x", "impala-1.example.com:21050", 900s, 890s}};
}

std::string refused(const Octets& bytes) {
  const auto read = decode(bytes, kNow);
  return read ? "" : read.error().what;
}

TEST(HandleFile, HoldsWhatWasKnown) {
  const auto read = decode(encode(sample(), kNow), kNow);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, sample());
  EXPECT_EQ(decode(encode({}, kNow), kNow)->size(), 0u);
}

TEST(HandleFile, AgesMeanwhileAndLeavesOutWhatHasExpired) {
  const auto read = decode(encode(sample(), kNow), kNow + 100s);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].age, 110s);
  EXPECT_EQ((*read)[1].age, 100s);
}

TEST(HandleFile, AUseInTheFutureIsOneOfNow) {
  const auto read = decode(encode(sample(), kNow), kNow - 1h);
  ASSERT_TRUE(read);
  for (const Known& one : *read) EXPECT_EQ(one.age, 0s);
}

TEST(HandleFile, EveryCutIsRefused) {
  const Octets whole = encode(sample(), kNow);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(refused({whole.begin(), whole.begin() + std::ptrdiff_t(size)}), "") << size;
}

TEST(HandleFile, EveryChangedOctetIsRefused) {
  const Octets whole = encode(sample(), kNow);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Octets changed = whole;
    changed[at] ^= 0x10;
    EXPECT_NE(refused(changed), "") << at;
  }
}

TEST(HandleFile, WhatTheChecksumDoesNotTellIsLookedAt) {
  const Octets whole = encode(sample(), kNow);
  ASSERT_EQ(sealed(whole), whole);
  int taken = 0;
  for (std::size_t at = 20; at + 4 < whole.size(); ++at) {
    Octets changed = whole;
    changed[at] ^= 0x80;
    const auto read = decode(sealed(changed), kNow);
    if (!read) continue;
    ++taken;
    EXPECT_LE(read->size(), 3u) << at;
    for (const Known& one : *read) EXPECT_GE(one.age, 0s) << at;
  }
  EXPECT_GT(taken, 16);  // the octets of a handle may be any
  Octets longer = whole;
  longer.insert(longer.end() - 4, 'x');
  EXPECT_EQ(refused(sealed(longer)), "it is damaged: its length is not what its head says");
}

TEST(HandleFile, SaysWhatIsNoSuchFile) {
  EXPECT_EQ(refused({'#', '!', '/'}), "it is no state file of kerbgate");
  EXPECT_EQ(refused({}), "it is no state file of kerbgate");
  Octets later = encode({}, kNow);
  later[19] = 2;
  EXPECT_EQ(refused(sealed(later)), "it is of version 2, this proxy reads version 1");
  EXPECT_TRUE(decode(sealed(later), kNow).error().is(Errc::unsupported));
}

TEST(HandleFile, OfTooManyKeepsThoseUsedLast) {
  std::vector<Known> many;
  for (std::size_t i = 0; i < Handles::kMost + 5; ++i)
    many.push_back({std::to_string(i), "host:1", 900s, std::chrono::seconds(i % 700)});
  const Octets bytes = encode(many, kNow);
  EXPECT_LT(bytes.size(), kLargestHandleFile);
  const auto read = decode(bytes, kNow);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->size(), Handles::kMost);
}

TEST(HandleFile, OfOneHandleTheLaterUseIsJoined) {
  std::vector<Known> all =
      joined({{"a", "h:1", 900s, 5s}, {"b", "h:1", 900s, 5s}}, {{"a", "h:2", 900s, 3s}, {"c", "h:2", 900s, 1s}});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0], (Known{"a", "h:2", 900s, 3s}));
}

}  // namespace
}  // namespace kerbgate::hs2
