#include "net/late/uplink.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/loop.hpp"

namespace kerbgate::net::late {
namespace {

constexpr std::uint64_t kShare = 1024 * 1024;

}  // namespace

void Uplink::preload(std::span<const std::uint8_t> bytes, Loop& loop) {
  if (bytes.empty()) return;
  if (!block_) block_ = loop.buffers().take();
  const std::size_t fits = std::min<std::size_t>(bytes.size(), BufferPool::kSize - end_);
  std::memcpy(block_->data() + end_, bytes.data(), fits);
  end_ += std::uint32_t(fits);
}

// What may go goes before the next call is decided on: that one may be for another server.
Uplink::Status Uplink::run(Endpoint& client, Endpoint* to, Loop& loop) {
  const std::uint64_t limit = bytes_ + kShare;
  for (;;) {
    if (const Step step = flush(to, loop); step != Step::progress)
      return step == Step::failed ? Status::write_failed : Status::blocked;
    if (!waits_) follow();
    if (begin_ < allowed_) continue;
    if (waits_) return Status::decide;
    if (failed_) return Status::read_failed;
    if (ended_) return Status::ended;
    if (bytes_ >= limit) return Status::more;
    if (fill(client, loop) == Step::blocked) return Status::blocked;
  }
}

Uplink::Step Uplink::flush(Endpoint* to, Loop& loop) {
  while (begin_ < allowed_) {
    if (to == nullptr || !to->ready.writable) return Step::blocked;
    const ssize_t sent = to->send(block_->data() + begin_, allowed_ - begin_, loop);
    if (sent < 0) return errno == EAGAIN ? Step::blocked : Step::failed;
    begin_ += std::uint32_t(sent);
    bytes_ += std::uint64_t(sent);
  }
  if (to != nullptr && to->unsent()) {
    if (!to->ready.writable) return Step::blocked;
    if (to->flush(loop) != 0) return errno == EAGAIN ? Step::blocked : Step::failed;
  }
  if (begin_ == end_ && block_) abandon(loop);
  return Step::progress;
}

void Uplink::wait(bool whole) noexcept {
  waits_ = true;
  whole_ = whole;
  aligned_ = next_aligned_;
}

// A call that fills the block without having said whom it is for is for anybody; so is one that its client cut short.
void Uplink::follow() {
  using Event = hs2::Follower::Event;
  while (followed_ < end_ && !lost_ && !waits_) {
    const auto step = follower_.feed({block_->data() + followed_, end_ - followed_});
    followed_ += std::uint32_t(step.used);
    const bool over = step.event == Event::end;
    lost_ = step.event == Event::lost;
    if (going_) {
      allowed_ = followed_;
    } else if (step.event != Event::none) {
      wait(over);
    }
    if (!over) continue;
    going_ = false;
    next_aligned_ = !follower_.inside_frame();
  }
  if (waits_) return;
  if (lost_) allowed_ = followed_ = end_;
  if (allowed_ < end_ && ended_) lost_ = true;
  if (allowed_ < end_ && (ended_ || full())) wait(false);
}

void Uplink::go() {
  waits_ = false;
  going_ = !std::exchange(whole_, false);
  allowed_ = followed_;
}

Uplink::Step Uplink::fill(Endpoint& client, Loop& loop) {
  if (!client.readable()) return Step::blocked;
  if (!block_) block_ = loop.buffers().take();
  if (begin_ != 0) {
    std::memmove(block_->data(), block_->data() + begin_, end_ - begin_);
    allowed_ -= begin_;
    followed_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  const ssize_t got = client.receive(block_->data() + end_, BufferPool::kSize - end_, loop);
  const int error = errno;
  if (got > 0) {
    end_ += std::uint32_t(got);
    return Step::progress;
  }
  if (end_ == 0) abandon(loop);
  client.ready.readable = false;
  if (got < 0 && error == EAGAIN) return Step::blocked;
  (got == 0 ? ended_ : failed_) = true;
  return Step::progress;
}

void Uplink::abandon(Loop& loop) {
  if (block_) loop.buffers().give(std::move(block_));
  begin_ = allowed_ = followed_ = end_ = 0;
}

}  // namespace kerbgate::net::late
