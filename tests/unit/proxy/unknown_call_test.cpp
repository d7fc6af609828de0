#include "sasl/unknown_call.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kerbgate::sasl {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets framed(const std::string& payload) {
  Octets out{0, 0, 0, static_cast<std::uint8_t>(payload.size())};
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

/// TBinary's head of an answer of that type to `method`, and a structure that ends at once.
std::string answer(char type, const std::string& method) {
  return std::string{char(0x80), 1, 0, type, 0, 0, 0, char(method.size())} + method + std::string("\0\0\0\1\0", 5);
}

TEST(UnknownCall, IsACallWithoutArgumentsInOneFrame) {
  const Octets call = unknown_call();
  ASSERT_GT(call.size(), 12U);
  EXPECT_EQ(call, framed(answer(1, "kerbgateCheck")));
}

TEST(UnknownCall, AnExceptionToItIsAnAnswerInAnySegmentationAndAnyFrames) {
  const std::string whole = answer(3, "kerbgateCheck");
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    Octets two = framed(whole.substr(0, cut));
    const Octets rest = framed(whole.substr(cut));
    two.insert(two.end(), rest.begin(), rest.end());
    EXPECT_EQ(classify_answer(two), Answer::refused) << cut;
  }
  const Octets one = framed(whole);
  for (std::size_t seen = 0; seen < one.size(); ++seen)
    EXPECT_NE(classify_answer(Bytes(one).first(seen)), Answer::foreign) << seen;
}

TEST(UnknownCall, AnythingElseIsForeign) {
  EXPECT_EQ(classify_answer(framed(answer(2, "kerbgateCheck"))), Answer::foreign) << "a reply, not an exception";
  EXPECT_EQ(classify_answer(framed(answer(3, "anotherMethod"))), Answer::foreign);
  EXPECT_EQ(classify_answer(Octets{0xff, 0xff, 0xff, 0xff}), Answer::foreign);
  EXPECT_EQ(classify_answer(Octets{0x7f, 0xff, 0xff, 0xff}), Answer::foreign);
  const std::string http = "HTTP/1.1 400 Bad Request";
  EXPECT_EQ(classify_answer(Octets(http.begin(), http.end())), Answer::foreign);
}

}  // namespace
}  // namespace kerbgate::sasl
