#include "login/server_name.hpp"

#include <gtest/gtest.h>

#include "login_bytes.hpp"

namespace kerbgate::login {
namespace {

using namespace fixture;
using State = ServerName::State;

Buffer sized(const Buffer& content, int octets) { return join({big_endian(content.size(), octets), content}); }
Buffer extension(std::uint16_t type, const Buffer& body) { return join({big_endian(type, 2), sized(body, 2)}); }
Buffer host_name(std::string_view name, std::uint8_t type = 0) { return join({{type}, sized(bytes(name), 2)}); }
Buffer sni(const Buffer& list) { return extension(0, sized(list, 2)); }

Buffer message(const Buffer& extensions) {
  const Buffer hello = join({{3, 3},
                             Buffer(32, 'r'),
                             sized(Buffer(32, 's'), 1),
                             sized({0x13, 1, 0x13, 2}, 2),
                             sized({0}, 1),
                             sized(extensions, 2)});
  return join({{1}, sized(hello, 3)});
}
Buffer record(const Buffer& fragment) { return join({{22, 3, 1}, sized(fragment, 2)}); }
Buffer hello(const Buffer& extensions) { return record(message(extensions)); }

TEST(ServerName, IsReadBehindOtherExtensions) {
  const ServerName name = read_server_name(
      hello(join({extension(0x2b, {2, 3, 4}), sni(host_name("lb.example.com")), extension(0x10, {})})));
  EXPECT_EQ(name.state, State::whole);
  EXPECT_EQ(name.name, "lb.example.com");
}

TEST(ServerName, IsReadFromSeveralRecords) {
  const Buffer all = message(sni(host_name("lb.example.com")));
  Buffer records;
  for (std::size_t at = 0; at < all.size(); at += 20)
    records =
        join({records,
              record({all.begin() + std::ptrdiff_t(at), all.begin() + std::ptrdiff_t(std::min(at + 20, all.size()))})});
  EXPECT_EQ(read_server_name(records).name, "lb.example.com");
}

TEST(ServerName, WaitsForTheWholeHello) {
  const Buffer all = hello(sni(host_name("lb.example.com")));
  for (std::size_t size = 1; size < all.size(); ++size)
    EXPECT_EQ(read_server_name(Bytes(all).first(size)).state, State::more) << size;
}

TEST(ServerName, IsNoneWhereNoTlsComes) {
  EXPECT_EQ(read_server_name(bytes("GET / HTTP/1.0\r\n")).state, State::none);
  EXPECT_EQ(read_server_name(bytes("\x01\x00\x00\x00\x06GSSAPI"sv)).state, State::none);
}

struct Case {
  const char* name;
  Buffer extensions;
};

class NoServerName : public testing::TestWithParam<Case> {};

TEST_P(NoServerName, IsEmpty) {
  const ServerName name = read_server_name(hello(GetParam().extensions));
  EXPECT_EQ(name.state, State::whole);
  EXPECT_EQ(name.name, "");
}

INSTANTIATE_TEST_SUITE_P(All, NoServerName,
                         testing::Values(Case{"NoExtensions", {}}, Case{"OtherExtensions", extension(0x2b, {2, 3, 4})},
                                         Case{"EmptyList", sni({})},
                                         Case{"OtherType", sni(host_name("lb.example.com", 1))},
                                         Case{"TooLong", sni(host_name(std::string(256, 'a')))},
                                         Case{"NoHostName", sni(host_name("lb\nexample"))},
                                         Case{"Nul", sni(host_name("lb\0.com"sv))},
                                         Case{"NameLongerThanItsList", extension(0, {0, 5, 0, 0, 9, 'a', 'b'})},
                                         Case{"ListLongerThanItsExtension", extension(0, {0, 90, 0, 0, 2, 'a', 'b'})},
                                         Case{"ExtensionOverrun", {0, 0, 0, 99, 1}}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace kerbgate::login
