#include <gtest/gtest.h>

#include "kerbgate/sasl_frame.hpp"
#include "unit/proxy/login_bytes.hpp"

namespace kerbgate::sasl {
namespace {

namespace fixture = login::fixture;
using fixture::Buffer;
using Next = Reply::Next;

struct ReplyCase {
  const char* name;
  Buffer bytes;
  std::size_t decided;  ///< bytes that are enough
  Next want;
  Status status = Status::start;
  std::string text = {};
};
void PrintTo(const ReplyCase& c, std::ostream* out) { *out << c.name; }
class ServerReply : public testing::TestWithParam<ReplyCase> {};

TEST_P(ServerReply, IsTheSameFromAnySegmentation) {
  const ReplyCase& c = GetParam();
  for (std::size_t cut = 0; cut <= c.bytes.size(); ++cut) {
    const Reply reply = classify_reply(Bytes(c.bytes).first(cut));
    ASSERT_EQ(reply.next, cut < c.decided ? Next::more : c.want) << "after " << cut << " bytes";
    if (cut < c.decided) continue;
    ASSERT_EQ(reply.status, c.status);
    ASSERT_EQ(reply.text, c.text);
  }
}

Buffer text(std::string_view words) { return fixture::bytes(words); }

INSTANTIATE_TEST_SUITE_P(
    All, ServerReply,
    testing::Values(ReplyCase{"Ok", fixture::sasl(2, Buffer(156, 0x60)), 5, Next::accepted, Status::ok},
                    ReplyCase{"EmptyOk", fixture::sasl(2, {}), 5, Next::accepted, Status::ok},
                    ReplyCase{"Complete", fixture::sasl(5, {}), 5, Next::accepted, Status::complete},
                    ReplyCase{"OkOf16MiB", fixture::sasl(2, 16u << 20, {}), 5, Next::accepted, Status::ok},
                    ReplyCase{"OkOfMore", fixture::sasl(2, (16u << 20) + 1, {}), 5, Next::foreign},
                    ReplyCase{"OkOfNegativeLength", fixture::sasl(2, 0xffffffffu, {}), 5, Next::foreign},
                    ReplyCase{"BadOfNegativeLength", fixture::sasl(3, 0x80000000u, {}), 5, Next::foreign},
                    ReplyCase{"Bad", fixture::sasl(3, text("GSS initiate failed")), 24, Next::rejected, Status::bad,
                              "GSS initiate failed"},
                    ReplyCase{"Error", fixture::sasl(4, text("no\n'way'")), 13, Next::rejected, Status::error,
                              "no ?way?"},
                    ReplyCase{"ErrorOfNoText", fixture::sasl(4, {}), 5, Next::rejected, Status::error, ""},
                    ReplyCase{"BytesBehindTheText", fixture::join({fixture::sasl(4, text("no")), text("and more")}), 7,
                              Next::rejected, Status::error, "no"},
                    ReplyCase{"LongText", fixture::sasl(4, Buffer(600, 'x')), 605, Next::rejected, Status::error,
                              std::string(509, 'x') + "..."},
                    ReplyCase{"Start", fixture::sasl(1, text("GSSAPI")), 1, Next::foreign},
                    ReplyCase{"Zero", {0, 0, 0, 0, 0}, 1, Next::foreign}, ReplyCase{"Six", {6}, 1, Next::foreign},
                    ReplyCase{"Http", text("HTTP/1.1 400 Bad Request"), 1, Next::foreign},
                    ReplyCase{"TlsAlert", {21, 3, 3, 0, 2, 2, 40}, 1, Next::foreign}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(ServerReply, GiantTextIsCutAt64KiB) {
  constexpr std::size_t kEnough = 5 + (64u << 10);
  const Buffer giant = fixture::sasl(3, 1u << 20, Buffer(kEnough, 'x'));
  EXPECT_EQ(classify_reply(Bytes(giant).first(kEnough - 1)).next, Next::more);
  EXPECT_EQ(classify_reply(Bytes(giant).first(kEnough)).next, Next::rejected);
}

}  // namespace
}  // namespace kerbgate::sasl
