#include <algorithm>
#include <string_view>

#include "kerbgate/sasl_frame.hpp"

namespace kerbgate::sasl {
namespace {

constexpr std::size_t kMaxFrame = 16u << 20;
constexpr std::size_t kMaxWait = 64u << 10;  // of a text
constexpr std::size_t kMaxShown = 512;

}  // namespace

Reply classify_reply(Bytes seen) {
  using Next = Reply::Next;
  if (seen.empty()) return {};
  const auto status = static_cast<Status>(seen[0]);
  if (!is_status(seen[0]) || status == Status::start) return {Next::foreign, Status::start, {}};
  const auto header = read_header(seen);
  if (!header) return {};
  if (header->length > kMaxFrame) return {Next::foreign, Status::start, {}};
  if (status == Status::ok || status == Status::complete) return {Next::accepted, status, {}};
  const std::size_t wanted = std::min<std::size_t>(header->length, kMaxWait);
  const Bytes payload = seen.subspan(kHeaderSize);
  if (payload.size() < wanted) return {};
  const std::string_view text(reinterpret_cast<const char*>(payload.data()), wanted);
  return {Next::rejected, status, plain(text, kMaxShown)};
}

}  // namespace kerbgate::sasl
