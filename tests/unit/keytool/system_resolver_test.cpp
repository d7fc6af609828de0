#include <gtest/gtest.h>

#include "kerbgate/resolver.hpp"

namespace kerbgate {
namespace {

TEST(SystemResolver, AnAddressIsItsOwnNameAndComesOnce) {
  SystemResolver resolver;
  for (const std::string text : {"127.0.0.1", "::1"}) {
    const auto found = resolver.forward(text);
    ASSERT_TRUE(found) << found.error().what;
    ASSERT_EQ(found->addresses.size(), 1U);
    EXPECT_EQ(found->addresses[0].str(), text);
    EXPECT_EQ(found->canonical, text);
  }
}

TEST(SystemResolver, ANameThatNoZoneCanHoldIsNotFound) {
  SystemResolver resolver;
  const auto found = resolver.forward("a..b");
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().is(Errc::not_found)) << found.error().what;
  EXPECT_TRUE(found.error().what.starts_with("look up a..b: ")) << found.error().what;
}

}  // namespace
}  // namespace kerbgate
