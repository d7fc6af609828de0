#include "login/proxy_header.hpp"

#include <gtest/gtest.h>

#include "login_bytes.hpp"

namespace kerbgate::login {
namespace {

using namespace fixture;
using State = ProxyHeader::State;

ProxyHeader read(const std::string& text) { return read_proxy_header(bytes(text)); }

std::string described(const ProxyHeader& header) {
  if (header.state == State::more) return "more";
  if (header.state == State::wrong) return "wrong";
  if (!header.announces) return "nobody";
  const Ends& ends = header.ends;
  return ends.source.str() + " " + std::to_string(ends.source_port) + " " + ends.destination.str() + " " +
         std::to_string(ends.destination_port);
}

struct Line {
  const char* name;
  const char* text;  ///< CR LF is added
  const char* comes_to;
};

class ProxyHeaderV1 : public testing::TestWithParam<Line> {};

TEST_P(ProxyHeaderV1, ComesTo) {
  const std::string line = GetParam().text + std::string("\r\n");
  const ProxyHeader header = read(line + "glued");
  EXPECT_EQ(described(header), GetParam().comes_to) << header.why;
  if (header.state == State::whole) {
    EXPECT_EQ(header.length, line.size());
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ProxyHeaderV1,
    testing::Values(Line{"Four", "PROXY TCP4 10.0.0.1 10.0.0.2 1025 21050", "10.0.0.1 1025 10.0.0.2 21050"},
                    Line{"Six", "PROXY TCP6 2001:db8::1 ::1 65535 0", "2001:db8::1 65535 ::1 0"},
                    Line{"Mapped", "PROXY TCP6 ::ffff:10.0.0.1 ::1 1 2", "::ffff:10.0.0.1 1 ::1 2"},
                    Line{"Unknown", "PROXY UNKNOWN", "nobody"},
                    Line{"UnknownWithMore", "PROXY UNKNOWN ff::1 ff::2 65535 65535", "nobody"},
                    Line{"UnknownIsAWholeWord", "PROXY UNKNOWNS", "wrong"},
                    Line{"NumberAbove255", "PROXY TCP4 1.2.3.400 10.0.0.2 1 2", "wrong"},
                    Line{"LeadingZero", "PROXY TCP4 010.0.0.1 10.0.0.2 1 2", "wrong"},
                    Line{"LeadingZeroWithin", "PROXY TCP4 10.00.0.1 10.0.0.2 1 2", "wrong"},
                    Line{"ZeroItself", "PROXY TCP4 0.0.0.0 10.0.0.2 0 2", "0.0.0.0 0 10.0.0.2 2"},
                    Line{"ShortAddress", "PROXY TCP4 10.1 10.0.0.2 1 2", "wrong"},
                    Line{"PortAbove65535", "PROXY TCP4 10.0.0.1 10.0.0.2 70000 2", "wrong"},
                    Line{"PortWithZero", "PROXY TCP4 10.0.0.1 10.0.0.2 0123 2", "wrong"},
                    Line{"NegativePort", "PROXY TCP4 10.0.0.1 10.0.0.2 -1 2", "wrong"},
                    Line{"PortWithTail", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2x", "wrong"},
                    Line{"EmptyPort", "PROXY TCP4 10.0.0.1 10.0.0.2 1 ", "wrong"},
                    Line{"PortsMissing", "PROXY TCP4 10.0.0.1 10.0.0.2", "wrong"},
                    Line{"WordTooMany", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2 3", "wrong"},
                    Line{"TwoBlanks", "PROXY TCP4  10.0.0.1 10.0.0.2 1 2", "wrong"},
                    Line{"SixInFour", "PROXY TCP4 ::1 10.0.0.2 1 2", "wrong"},
                    Line{"FourInSix", "PROXY TCP6 10.0.0.1 ::1 1 2", "wrong"},
                    Line{"MixedFamilies", "PROXY TCP6 ::1 10.0.0.2 1 2", "wrong"},
                    Line{"Scope", "PROXY TCP6 fe80::1%lo ::1 1 2", "wrong"},
                    Line{"LowerCase", "PROXY tcp4 10.0.0.1 10.0.0.2 1 2", "wrong"},
                    Line{"OtherFamily", "PROXY UDP4 10.0.0.1 10.0.0.2 1 2", "wrong"},
                    Line{"Tab", "PROXY\tTCP4 1.1.1.1 1 1", "wrong"}, Line{"NotAtAll", "GET / HTTP/1.0", "wrong"},
                    Line{"WordInLowerCase", "proxy UNKNOWN", "wrong"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ProxyHeader, LineEndsByCrLfAlone) {
  EXPECT_EQ(described(read("PROXY UNKNOWN\n")), "wrong");
  EXPECT_EQ(described(read("PROXY UNKNOWN\r")), "more");
  EXPECT_EQ(described(read("PROXY UNKNOWN\rx\r\n")), "wrong");
}

TEST(ProxyHeader, LineEndsWithin107Octets) {
  const std::string start = "PROXY UNKNOWN ";
  EXPECT_EQ(described(read(start + std::string(107 - 2 - start.size(), 'x') + "\r\n")), "nobody");
  EXPECT_EQ(described(read(start + std::string(107 - start.size(), 'x'))), "wrong");
  EXPECT_EQ(described(read(start + std::string(106 - start.size(), 'x'))), "more");
}

TEST(ProxyHeader, ComesByteByByte) {
  const std::string one = "PROXY TCP4 10.0.0.1 10.0.0.2 1025 21050\r\n";
  const std::string two = proxy_header_v2(read(one).ends);
  for (const std::string& text : {one, two}) {
    for (std::size_t size = 0; size < text.size(); ++size)
      EXPECT_EQ(read(text.substr(0, size)).state, State::more) << size;
    EXPECT_EQ(described(read(text)), "10.0.0.1 1025 10.0.0.2 21050");
  }
}

const Buffer kSignature = bytes("\r\n\r\n\0\r\nQUIT\n"sv);
const Buffer kFour = {10, 0, 0, 1, 10, 0, 0, 2, 4, 1, 0x52, 0x3a};

/// With the length that is said, whatever stands behind.
Buffer v2(std::uint8_t command, std::uint8_t family, std::size_t length, const Buffer& rest) {
  return join({kSignature, {command, family}, big_endian(length, 2), rest});
}
Buffer v2(std::uint8_t command, std::uint8_t family, const Buffer& rest) {
  return v2(command, family, rest.size(), rest);
}
Buffer tlv(std::uint8_t type, std::size_t length, const Buffer& value) {
  return join({{type}, big_endian(length, 2), value});
}

struct Binary {
  const char* name;
  Buffer header;
  const char* comes_to;
};

class ProxyHeaderV2 : public testing::TestWithParam<Binary> {};

TEST_P(ProxyHeaderV2, ComesTo) {
  const ProxyHeader header = read_proxy_header(GetParam().header);
  EXPECT_EQ(described(header), GetParam().comes_to) << header.why;
}

const Buffer kSix = join({Buffer(15, 0), {1}, Buffer(15, 0), {2}, {0, 7, 0, 8}});

INSTANTIATE_TEST_SUITE_P(
    All, ProxyHeaderV2,
    testing::Values(
        Binary{"Four", v2(0x21, 0x11, kFour), "10.0.0.1 1025 10.0.0.2 21050"},
        Binary{"Six", v2(0x21, 0x21, kSix), "::1 7 ::2 8"},
        Binary{"GluedBytesAreNoTlv", join({v2(0x21, 0x11, kFour), bytes("\x04\xff\xff payload")}),
               "10.0.0.1 1025 10.0.0.2 21050"},
        Binary{"Tlv", v2(0x21, 0x11, join({kFour, tlv(1, 2, {1, 2})})), "10.0.0.1 1025 10.0.0.2 21050"},
        Binary{"LongTlv", v2(0x21, 0x11, join({kFour, tlv(4, 60000, Buffer(60000, 0))})),
               "10.0.0.1 1025 10.0.0.2 21050"},
        Binary{"TlvOverrun", v2(0x21, 0x11, join({kFour, tlv(1, 3, {1, 2})})), "wrong"},
        Binary{"TlvCut", v2(0x21, 0x11, join({kFour, {1, 0}})), "wrong"},
        Binary{"TooShortForItsAddresses", v2(0x21, 0x11, 11, kFour), "wrong"},
        Binary{"TooShortForSix", v2(0x21, 0x21, kFour), "wrong"}, Binary{"Local", v2(0x20, 0x00, {}), "nobody"},
        Binary{"LocalWithAddresses", v2(0x20, 0x11, kFour), "nobody"},
        Binary{"LocalWithAnything", v2(0x20, 0x11, {1, 2, 3}), "nobody"},
        Binary{"Unspecified", v2(0x21, 0x00, {}), "nobody"}, Binary{"Datagram", v2(0x21, 0x12, kFour), "nobody"},
        Binary{"Unix", v2(0x21, 0x31, Buffer(216, 'u')), "nobody"},
        Binary{"UnixTooShort", v2(0x21, 0x31, Buffer(215, 'u')), "wrong"},
        Binary{"Version1", v2(0x11, 0x11, kFour), "wrong"}, Binary{"Version3", v2(0x31, 0x11, kFour), "wrong"},
        Binary{"OtherCommand", v2(0x22, 0x11, kFour), "wrong"}, Binary{"OtherFamily", v2(0x21, 0x41, kFour), "wrong"},
        Binary{"OtherTransport", v2(0x21, 0x13, kFour), "wrong"},
        Binary{"WrongChecksum", v2(0x21, 0x11, join({kFour, tlv(3, 4, {1, 2, 3, 4})})), "wrong"},
        Binary{"ChecksumOfOtherSize", v2(0x21, 0x11, join({kFour, tlv(3, 2, {1, 2})})), "wrong"},
        // HAProxy takes this one too.
        Binary{"Checksum", v2(0x21, 0x11, join({kFour, tlv(3, 4, {0xec, 0x3a, 0x25, 0xe9})})),
               "10.0.0.1 1025 10.0.0.2 21050"},
        Binary{"BodyNotThere", v2(0x21, 0x11, 100, kFour), "more"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ProxyHeader, IsReadAsItIsWritten) {
  for (const char* line : {"PROXY TCP4 10.0.0.1 10.0.0.2 1025 21050\r\n", "PROXY TCP6 2001:db8::1 ::1 1 2\r\n"}) {
    const ProxyHeader header = read(line);
    EXPECT_EQ(proxy_header_v1(header.ends), line);
    EXPECT_EQ(described(read(proxy_header_v2(header.ends))), described(header));
  }
}

TEST(ProxyHeader, TwoFamiliesAreWrittenAsSix) {
  Ends ends{*IpAddress::parse("10.0.0.1"), *IpAddress::parse("2001:db8::1"), 1, 2};
  EXPECT_EQ(proxy_header_v1(ends), "PROXY TCP6 ::ffff:10.0.0.1 2001:db8::1 1 2\r\n");
  EXPECT_EQ(described(read(proxy_header_v2(ends))), "::ffff:10.0.0.1 1 2001:db8::1 2");
}

TEST(ProxyHeader, OfACheckAnnouncesNobody) {
  EXPECT_EQ(proxy_header_v1({}, true), "PROXY UNKNOWN\r\n");
  EXPECT_EQ(described(read(proxy_header_v2({}, true))), "nobody");
}

}  // namespace
}  // namespace kerbgate::login
