#include <gtest/gtest.h>

#include "krb5/kdc_transport.hpp"

using namespace kerbgate::kdc;

namespace {

using Protocol = KdcAddress::Protocol;

struct AddressCase {
  const char *name, *text, *host;
  std::uint16_t port;
  Protocol protocol;
};
class KdcAddresses : public testing::TestWithParam<AddressCase> {};

TEST_P(KdcAddresses, AreReadAsLibkrb5ReadsThem) {
  const KdcAddress kdc = parse_kdc_address(GetParam().text);
  EXPECT_EQ(kdc.protocol, GetParam().protocol);
  if (kdc.protocol == Protocol::other) return;
  EXPECT_EQ(kdc.host, GetParam().host);
  EXPECT_EQ(kdc.port, GetParam().port);
}

INSTANTIATE_TEST_SUITE_P(
    All, KdcAddresses,
    testing::Values(AddressCase{"Name", "kdc1.example.com", "kdc1.example.com", 88, Protocol::any},
                    AddressCase{"WithPort", "kdc1.example.com:750", "kdc1.example.com", 750, Protocol::any},
                    AddressCase{"Short", "kdc", "kdc", 88, Protocol::any},
                    AddressCase{"Ipv4", "10.0.0.1:88", "10.0.0.1", 88, Protocol::any},
                    AddressCase{"Ipv6", "[fe80::1]:750", "fe80::1", 750, Protocol::any},
                    AddressCase{"Tcp", "tcp/kdc1.example.com", "kdc1.example.com", 88, Protocol::tcp},
                    AddressCase{"Udp", "udp/kdc1.example.com:750", "kdc1.example.com", 750, Protocol::udp},
                    AddressCase{"Https", "https://kdc.example.com/KdcProxy", "", 0, Protocol::other},
                    AddressCase{"Socket", "/run/kdc.socket", "", 0, Protocol::other},
                    AddressCase{"Empty", "", "", 0, Protocol::other}),
    [](const auto& param_info) { return param_info.param.name; });

}  // namespace
