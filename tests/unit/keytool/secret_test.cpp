#include "kerbgate/secret.hpp"

#include <gtest/gtest.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <type_traits>
#include <vector>

namespace {

using kerbgate::Secret;
using Octets = std::vector<std::uint8_t>;

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);
static_assert(!Printable<Secret>);

/// Looks at storage that no object owns any more, through the kernel, which asks no sanitizer.
bool readable_and_nonzero(const std::uint8_t* where, std::size_t size) {
  Octets seen(size);
  iovec to{seen.data(), size};
  iovec from{const_cast<std::uint8_t*>(where), size};
  if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) != static_cast<ssize_t>(size)) return false;
  return std::ranges::any_of(seen, [](std::uint8_t byte) { return byte != 0; });
}

TEST(Secret, BytesAreSeenByTheLookThatTheNextTestUses) {
  const Secret secret(Octets{1, 2, 3, 4});
  EXPECT_TRUE(readable_and_nonzero(secret.bytes().data(), 4));
}

TEST(Secret, WipeLeavesNothingWhereTheBytesWere) {
  Secret secret(Octets{1, 2, 3, 4});
  const std::uint8_t* where = secret.bytes().data();
  secret.wipe();
  EXPECT_TRUE(secret.empty());
  EXPECT_FALSE(readable_and_nonzero(where, 4));
}

/// Octets that the allocator's own bookkeeping does not look like.
Octets marked() { return Octets(200, 0xab); }
bool mark_left(const std::uint8_t* where) { return readable_and_nonzero(where + 64, 64); }

struct EndCase {
  const char* name;
  void (*end)(std::optional<Secret>&);
};
void PrintTo(const EndCase& c, std::ostream* out) { *out << c.name; }
class SecretEnd : public testing::TestWithParam<EndCase> {};

TEST_P(SecretEnd, LeavesNothingInFreedMemory) {
  std::optional<Secret> secret(std::in_place, marked());
  const std::uint8_t* where = secret->bytes().data();
  ASSERT_TRUE(mark_left(where));
  GetParam().end(secret);
  EXPECT_FALSE(mark_left(where));
}

INSTANTIATE_TEST_SUITE_P(Cases, SecretEnd,
                         testing::Values(EndCase{"destroyed", [](std::optional<Secret>& s) { s.reset(); }},
                                         EndCase{"assigned", [](std::optional<Secret>& s) { *s = Secret(Octets{1}); }},
                                         EndCase{"outgrown",
                                                 [](std::optional<Secret>& s) { s->append(Octets(5000, 0)); }}),
                         [](const auto& row) { return row.param.name; });

TEST(Secret, MovingLeavesTheSourceEmpty) {
  Secret from(Octets{1, 2});
  Secret to(std::move(from));
  EXPECT_TRUE(from.empty());
  EXPECT_EQ(to, Secret(Octets{1, 2}));
  Secret third(Octets{9});
  third = std::move(to);
  EXPECT_TRUE(to.empty());
  EXPECT_EQ(third.size(), 2u);
}

TEST(Secret, AssigningToItselfKeepsTheBytes) {
  Secret secret(Octets{1, 2});
  Secret& same = secret;
  secret = std::move(same);
  EXPECT_EQ(secret, Secret(Octets{1, 2}));
}

TEST(Secret, EqualityIsOfBytes) {
  EXPECT_EQ(Secret(), Secret());
  EXPECT_EQ(Secret(Octets{1, 2}), Secret(Octets{1, 2}));
  EXPECT_FALSE(Secret(Octets{1, 2}) == Secret(Octets{1, 3}));
  EXPECT_FALSE(Secret(Octets{1, 2}) == Secret(Octets{1, 2, 0}));
}

TEST(Secret, AppendKeepsWhatWasThere) {
  Secret secret;
  for (std::uint8_t i = 0; i < 200; ++i) secret.append(Octets{i});
  ASSERT_EQ(secret.size(), 200u);
  for (std::uint8_t i = 0; i < 200; ++i) EXPECT_EQ(secret.bytes()[i], i);
}

TEST(Secret, CopyIsADifferentOne) {
  Secret one(Octets{1, 2});
  const Secret two = one.copy();
  one.wipe();
  EXPECT_EQ(two, Secret(Octets{1, 2}));
}

}  // namespace
