#include "rules/networks.hpp"

#include <gtest/gtest.h>

namespace kerbgate::rules {
namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }

Networks of(std::initializer_list<const char*> texts) {
  Networks out;
  for (const char* text : texts) EXPECT_TRUE(out.add(text)) << text;
  out.finish();
  return out;
}

struct Case {
  const char* name;
  const char* network;
  const char* in;
  const char* out;
};

class NetworkTest : public testing::TestWithParam<Case> {};

TEST_P(NetworkTest, HoldsItsOwnAddressesAndNoOther) {
  const Networks networks = of({GetParam().network});
  EXPECT_TRUE(networks.contains(ip(GetParam().in)));
  EXPECT_FALSE(networks.contains(ip(GetParam().out)));
}

INSTANTIATE_TEST_SUITE_P(All, NetworkTest,
                         testing::Values(Case{"Address", "10.0.0.1", "10.0.0.1", "10.0.0.2"},
                                         Case{"LengthEight", "10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
                                         Case{"HostBitsAreIgnored", "10.1.2.3/8", "10.0.0.0", "9.255.255.255"},
                                         Case{"OddLength", "192.168.4.0/22", "192.168.7.255", "192.168.8.0"},
                                         Case{"Mask", "10.0.0.0/255.255.0.0", "10.0.255.255", "10.1.0.0"},
                                         Case{"All", "0.0.0.0/0", "255.255.255.255", "2001:db8::1"},
                                         Case{"Six", "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"},
                                         Case{"SixAddress", "::1", "::1", "::2"},
                                         Case{"FourIsItsMappedSix", "10.0.0.0/8", "::ffff:10.0.0.1", "::10.0.0.1"},
                                         Case{"MappedSixIsFour", "::ffff:10.0.0.0/104", "10.1.1.1", "11.1.1.1"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Networks, WhatIsNoAddressIsRefused) {
  Networks networks;
  for (const char* text : {"", "10.0.0", "10.0.0.300", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/255.0.255.0", "::1/129",
                           "host.example.com", "10.0.0.1 ", "/8", "10.0.0.0/-1", "::1/255.0.0.0"})
    EXPECT_FALSE(networks.add(text)) << text;
}

TEST(Networks, OverlappingOnesAreOne) {
  const Networks networks = of({"10.0.0.0/8", "10.1.0.0/16", "10.0.0.5", "12.0.0.0/8"});
  EXPECT_TRUE(networks.contains(ip("10.200.0.1")));
  EXPECT_FALSE(networks.contains(ip("11.0.0.1")));
  EXPECT_TRUE(networks.contains(ip("12.0.0.1")));
}

TEST(Networks, NoneHoldsNobody) { EXPECT_FALSE(of({}).contains(ip("127.0.0.1"))); }

}  // namespace
}  // namespace kerbgate::rules
