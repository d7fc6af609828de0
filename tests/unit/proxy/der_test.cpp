#include "login/der.hpp"

#include <gtest/gtest.h>

#include "unit/proxy/login_bytes.hpp"

namespace kerbgate::login {
namespace {

using fixture::Buffer;
using fixture::join;

Buffer copy(std::optional<Der::Bytes> bytes) {
  return bytes ? Buffer(bytes->begin(), bytes->end()) : Buffer{0xde, 0xad};
}
const Buffer kNone{0xde, 0xad};

struct TakeCase {
  const char* name;
  Buffer bytes;
  Buffer want;
};
void PrintTo(const TakeCase& c, std::ostream* out) { *out << c.name; }
class DerTake : public testing::TestWithParam<TakeCase> {};

TEST_P(DerTake, ReadsAnOctetString) {
  Der der(GetParam().bytes);
  EXPECT_EQ(copy(der.take(der::kOctetString)), GetParam().want);
  EXPECT_EQ(der.rest().size() == GetParam().bytes.size(), GetParam().want == kNone) << "stays where it was on failure";
}

INSTANTIATE_TEST_SUITE_P(
    All, DerTake,
    testing::Values(TakeCase{"NoBytes", {}, kNone}, TakeCase{"TagAlone", {0x04}, kNone},
                    TakeCase{"Empty", {0x04, 0x00}, {}}, TakeCase{"Short", {0x04, 0x02, 7, 8}, {7, 8}},
                    TakeCase{"Glued", {0x04, 0x01, 7, 8}, {7}}, TakeCase{"ContentCut", {0x04, 0x02, 7}, kNone},
                    TakeCase{"OtherTag", {0x05, 0x01, 7}, kNone},
                    TakeCase{"OneLengthOctet", join({{0x04, 0x81, 0x80}, Buffer(128, 1)}), Buffer(128, 1)},
                    TakeCase{"FourLengthOctets", {0x04, 0x84, 0, 0, 0, 1, 9}, {9}},
                    TakeCase{"FiveLengthOctets", {0x04, 0x85, 0, 0, 0, 0, 1, 9}, kNone},
                    TakeCase{"MoreOctetsThanNeeded", {0x04, 0x82, 0, 1, 9}, {9}},
                    TakeCase{"LengthCut", {0x04, 0x82, 0}, kNone}, TakeCase{"Indefinite", {0x04, 0x80, 9, 0, 0}, kNone},
                    TakeCase{"Largest", {0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 9}, kNone},
                    TakeCase{"AllOnes", {0x04, 0xff, 9, 9}, kNone}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(DerTake, RefusesTagsOfSeveralOctets) {
  const Buffer bytes{0x1f, 0x01, 0x00};
  EXPECT_FALSE(Der(bytes).take(0x1f));
}

TEST(DerTake, WalksElementAfterElement) {
  const Buffer bytes = join({fixture::small_integer(5), fixture::general_string("R")});
  Der der(bytes);
  EXPECT_EQ(copy(der.take(der::kInteger)), Buffer{5});
  EXPECT_FALSE(der.empty());
  EXPECT_EQ(copy(der.take(der::kGeneralString)), Buffer{'R'});
  EXPECT_TRUE(der.empty());
  EXPECT_FALSE(der.take(der::kInteger));
}

TEST(DerField, PassesOverLowerNumbers) {
  const Buffer bytes = join({fixture::field(0, fixture::small_integer(1)), fixture::field(1, fixture::small_integer(2)),
                             fixture::field(3, fixture::small_integer(4))});
  Der der(bytes);
  EXPECT_EQ(copy(der.field(1, der::kInteger)), Buffer{2});
  EXPECT_FALSE(der.field(0, der::kInteger)) << "never goes back";
  EXPECT_EQ(copy(der.field(3, der::kInteger)), Buffer{4});
}

TEST(DerField, LeavesWhatFollowsAnAbsentOne) {
  const Buffer bytes = fixture::field(2, fixture::small_integer(3));
  Der der(bytes);
  EXPECT_FALSE(der.field(1, der::kInteger));
  EXPECT_EQ(copy(der.field(2, der::kInteger)), Buffer{3});
}

TEST(DerField, StopsAtAnElementThatIsNoField) {
  const Buffer bytes = join({fixture::small_integer(9), fixture::field(1, fixture::small_integer(2))});
  EXPECT_FALSE(Der(bytes).field(1, der::kInteger));
}

TEST(DerField, HoldsOneElementOfItsType) {
  const Buffer two = fixture::field(0, join({fixture::small_integer(1), fixture::small_integer(2)}));
  const Buffer other = fixture::field(0, fixture::general_string("x"));
  const Buffer none = fixture::field(0, {});
  EXPECT_FALSE(Der(two).field(0, der::kInteger));
  EXPECT_FALSE(Der(other).field(0, der::kInteger));
  EXPECT_FALSE(Der(none).field(0, der::kInteger));
}

struct IntegerCase {
  const char* name;
  Buffer content;
  std::optional<std::int64_t> want;
};
void PrintTo(const IntegerCase& c, std::ostream* out) { *out << c.name; }
class DerInteger : public testing::TestWithParam<IntegerCase> {};

TEST_P(DerInteger, IsTwosComplement) { EXPECT_EQ(der_integer(GetParam().content), GetParam().want); }

INSTANTIATE_TEST_SUITE_P(
    All, DerInteger,
    testing::Values(IntegerCase{"NoOctets", {}, std::nullopt}, IntegerCase{"Zero", {0}, 0},
                    IntegerCase{"MinusOne", {0xff}, -1}, IntegerCase{"TwoHundred", {0x00, 0xc8}, 200},
                    IntegerCase{"LargestUnsigned32", {0x00, 0xff, 0xff, 0xff, 0xff}, 0xffffffffLL},
                    IntegerCase{"Negative32", {0x80, 0, 0, 0}, -0x80000000LL},
                    IntegerCase{"Smallest64", {0x80, 0, 0, 0, 0, 0, 0, 0}, std::numeric_limits<std::int64_t>::min()},
                    IntegerCase{"NineOctets", Buffer(9, 0), std::nullopt}),
    [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace kerbgate::login
