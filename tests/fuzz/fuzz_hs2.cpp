#include <cstdlib>

#include "hs2/answer.hpp"

using namespace kerbgate::hs2;

namespace {

struct Heard {
  std::size_t ends = 0;
  std::string last, handles;
  bool lost = false;
  friend bool operator==(const Heard&, const Heard&) = default;
};

void hear(Follower& follower, Bytes bytes, Heard& heard) {
  while (!bytes.empty() && !heard.lost) {
    const auto step = follower.feed(bytes);
    if (step.used == 0 || step.used > bytes.size()) std::abort();
    bytes = bytes.subspan(step.used);
    const Message& message = follower.message();
    if (message.method.size() > 128 || message.handle.size() > 64) std::abort();
    if (step.event == Follower::Event::end) ++heard.ends;
    if (step.event == Follower::Event::handle) heard.handles += message.handle + '\n';
    heard.lost = step.event == Follower::Event::lost;
  }
  heard.last = follower.message().method;
}

}  // namespace

/// However the bytes are cut, the same is heard; and the answer to what was heard can be followed itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto side = data[0] % 2 == 0 ? Follower::Side::calls : Follower::Side::replies;
  const Bytes whole(data + 2, size - 2);
  const std::size_t cut = whole.size() * data[1] / 255;
  Follower one(side), two(side);
  Heard at_once, in_parts;
  hear(one, whole, at_once);
  hear(two, whole.first(cut), in_parts);
  hear(two, whole.subspan(cut), in_parts);
  if (!(at_once == in_parts)) std::abort();
  if (side == Follower::Side::replies || at_once.ends == 0) return 0;
  const auto answer = failure(one.message(), "text");
  Follower replies(Follower::Side::replies);
  if (!answer.empty() && replies.feed(answer).event != Follower::Event::end) std::abort();
  return 0;
}
