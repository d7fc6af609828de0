#include "diagnosis/key_match.hpp"

#include <gtest/gtest.h>

using namespace kerbgate;
using namespace kerbgate::diagnosis;

namespace {

constexpr std::int32_t kAes128 = 17, kAes256 = 18;
const Principal kProxy{{"impala", "proxy.example.test"}, "EXAMPLE.TEST", 1};
const Principal kHost{{"impala", "host1.example.test"}, "EXAMPLE.TEST", 1};

keytab::Entry entry(const Principal& principal, std::uint32_t kvno, std::int32_t enctype, std::uint8_t octet) {
  keytab::Entry made;
  made.principal = principal;
  made.kvno = kvno;
  made.enctype = enctype;
  const std::vector<std::uint8_t> key(16, octet);
  made.key = Secret(key);
  return made;
}

constexpr std::uint8_t kRight = 1, kWrong = 2;
/// The ticket's key is the one made of kRight, in aes256.
bool opens(const keytab::Entry& one) { return one.enctype == kAes256 && one.key.bytes()[0] == kRight; }

struct Held {
  Principal principal;
  std::uint32_t kvno;
  std::int32_t enctype;
  std::uint8_t octet;
};
struct MatchCase {
  const char* name;
  std::vector<Held> held;
  std::optional<Cause> cause;
  std::string found;
};
void PrintTo(const MatchCase& c, std::ostream* out) { *out << c.name; }
class KeyMatchCases : public testing::TestWithParam<MatchCase> {};

TEST_P(KeyMatchCases, SayWhyATicketOfKvno3IsNotOpened) {
  std::vector<keytab::Entry> entries;
  for (const Held& one : GetParam().held) entries.push_back(entry(one.principal, one.kvno, one.enctype, one.octet));
  const KeyMatch match = match_key({kProxy, 3, kAes256}, entries, opens, Cause::proxy_key_not_merged);
  EXPECT_EQ(match.cause, GetParam().cause) << match.found;
  EXPECT_NE(match.found.find(GetParam().found), std::string::npos) << match.found;
}

INSTANTIATE_TEST_SUITE_P(
    All, KeyMatchCases,
    testing::Values(MatchCase{"Empty", {}, Cause::proxy_key_not_merged, "kvno 3 aes256-cts-hmac-sha1-96"},
                    MatchCase{
                        "OnlyAnother", {{kHost, 3, kAes256, kRight}}, Cause::proxy_key_not_merged, "does not hold"},
                    MatchCase{"Right", {{kProxy, 3, kAes256, kRight}}, std::nullopt, "the keytab opens it"},
                    MatchCase{"RightBehindWrong",
                              {{kProxy, 3, kAes256, kWrong}, {kProxy, 2, kAes256, kRight}},
                              std::nullopt,
                              "by a key that it calls kvno 2"},
                    MatchCase{"Older", {{kProxy, 2, kAes256, kWrong}}, Cause::kvno_older, "holds kvno 2"},
                    MatchCase{"Newer", {{kProxy, 4, kAes256, kWrong}}, Cause::kvno_newer, "holds kvno 4"},
                    MatchCase{"OlderAndNewer",
                              {{kProxy, 2, kAes256, kWrong}, {kProxy, 4, kAes256, kWrong}},
                              Cause::kvno_newer,
                              "kvno 2 aes256-cts-hmac-sha1-96, kvno 4"},
                    MatchCase{"OtherKey", {{kProxy, 3, kAes256, kWrong}}, Cause::key_differs, "holds kvno 3"},
                    MatchCase{"OtherEnctype", {{kProxy, 3, kAes128, kRight}}, Cause::enctype_missing, "aes128"},
                    MatchCase{"OlderOfTheEnctype",
                              {{kProxy, 2, kAes256, kWrong}, {kProxy, 3, kAes128, kRight}},
                              Cause::enctype_missing,
                              "aes128"}),
    [](const auto& param_info) { return param_info.param.name; });

}  // namespace
