#include "net/pump.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/loop.hpp"

namespace kerbgate::net {
namespace {

// How much one direction may move before others get their turn.
constexpr std::uint64_t kShare = 1024 * 1024;
// When bytes count as bulk: measured on loopback, where splicing 16 KiB costs what copying it does.
constexpr std::size_t kLarge = 16 * 1024;
constexpr std::size_t kSmall = 8 * 1024;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

void Pump::preload(std::span<const std::uint8_t> bytes, Loop& loop) {
  if (!bytes.empty()) load(bytes, loop);
}

void Pump::load(std::span<const std::uint8_t> bytes, Loop& loop) {
  const std::span<const std::uint8_t> now = bytes.first(std::min(bytes.size(), BufferPool::kSize));
  block_ = loop.buffers().take();
  std::memcpy(block_->data(), now.data(), now.size());
  begin_ = 0;
  end_ = std::uint32_t(now.size());
  if (bytes.size() > now.size())
    rest_ = std::make_unique<std::vector<std::uint8_t>>(bytes.begin() + std::ptrdiff_t(now.size()), bytes.end());
}

Pump::Status Pump::run(Endpoint& from, Endpoint& to, Loop& loop) {
  if (finished_) return Status::finished;
  const std::uint64_t limit = bytes_ + kShare;
  for (;;) {
    if (const Step step = flush(to, loop); step != Step::progress)
      return step == Step::failed ? Status::write_failed : Status::blocked;
    if (failed_) return Status::read_failed;
    if (ended_) {
      if (const Step step = pass_end(to, loop); step != Step::progress)
        return step == Step::failed ? Status::write_failed : Status::blocked;
      abandon(loop);
      finished_ = true;
      return Status::finished;
    }
    if (bytes_ >= limit) return Status::more;
    if (!from.readable()) {
      abandon(loop);
      return Status::blocked;
    }
    if (fill(from, to, loop) == Step::failed) continue;  // what was read before goes first
  }
}

void Pump::abandon(Loop& loop) {
  if (block_) loop.buffers().give(std::move(block_));
  if (pipe_ && piped_ == 0) loop.pipes().give(std::move(pipe_));
  pipe_.reset();
  rest_.reset();
  begin_ = end_ = piped_ = 0;
}

Pump::Step Pump::flush(Endpoint& to, Loop& loop) {
  if (piped_ != 0) return flush_pipe(to);
  while (block_) {
    if (const Step step = flush_block(to, loop); step != Step::progress) return step;
    if (const auto rest = std::move(rest_)) load(*rest, loop);
  }
  return to.unsent() ? flush_records(to, loop) : Step::progress;
}

Pump::Step Pump::flush_block(Endpoint& to, Loop& loop) {
  while (begin_ < end_) {
    if (!to.ready.writable) return Step::blocked;
    const ssize_t sent = to.send(block_->data() + begin_, end_ - begin_, loop);
    if (sent > 0) {
      begin_ += std::uint32_t(sent);
      bytes_ += std::uint64_t(sent);
    } else if (would_block(errno)) {
      consider_splicing(end_ - begin_, true);
      return Step::blocked;
    } else {
      error_ = errno;
      return Step::failed;
    }
  }
  loop.buffers().give(std::move(block_));
  return Step::progress;
}

Pump::Step Pump::flush_records(Endpoint& to, Loop& loop) {
  if (!to.ready.writable) return Step::blocked;
  if (to.flush(loop) == 0) return Step::progress;
  if (would_block(errno)) return Step::blocked;
  error_ = errno;
  return Step::failed;
}

Pump::Step Pump::pass_end(Endpoint& to, Loop& loop) {
  if (to.end(loop) == 0) return Step::progress;
  if (would_block(errno)) return Step::blocked;
  error_ = errno;
  return Step::failed;
}

Pump::Step Pump::flush_pipe(Endpoint& to) {
  while (piped_ != 0) {
    if (!to.ready.writable) return Step::blocked;
    const ssize_t sent =
        ::splice(pipe_->read.get(), nullptr, to.fd, nullptr, piped_, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (sent > 0) {
      piped_ -= std::uint32_t(sent);
      bytes_ += std::uint64_t(sent);
    } else if (sent < 0 && errno == EINTR) {
      continue;
    } else if (sent < 0 && would_block(errno)) {
      to.ready.writable = false;
      return Step::blocked;
    } else {
      error_ = sent < 0 ? errno : EPIPE;
      return Step::failed;
    }
  }
  return Step::progress;
}

Pump::Step Pump::fill(Endpoint& from, const Endpoint& to, Loop& loop) {
  if (splicing_ && !pipe_) {
    if (!from.tls && !to.tls) pipe_ = loop.pipes().take();
    if (!pipe_) splicing_ = false;
  }
  return splicing_ ? fill_pipe(from) : fill_block(from, loop);
}

Pump::Step Pump::fill_block(Endpoint& from, Loop& loop) {
  if (pipe_) loop.pipes().give(std::move(pipe_));
  block_ = loop.buffers().take();
  const ssize_t got = from.receive(block_->data(), BufferPool::kSize, loop);
  if (got <= 0) {
    loop.buffers().give(std::move(block_));
    return source_said(got, from.ready);
  }
  begin_ = 0;
  end_ = std::uint32_t(got);
  consider_splicing(std::size_t(got), false);
  return Step::progress;
}

Pump::Step Pump::fill_pipe(Endpoint& from) {
  const ssize_t got =
      ::splice(from.fd, nullptr, pipe_->write.get(), nullptr, pipe_->capacity, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (got <= 0) return source_said(got, from.ready);
  piped_ = std::uint32_t(got);
  small_splices_ = std::size_t(got) < kSmall ? std::uint8_t(small_splices_ + 1) : std::uint8_t{0};
  if (small_splices_ >= 2) {
    splicing_ = false;
    small_splices_ = full_reads_ = large_reads_ = 0;
  }
  return Step::progress;
}

Pump::Step Pump::source_said(std::int64_t result, Readiness& ready) {
  if (result == 0) {
    (distrusted_ ? failed_ : ended_) = true;
    ready.readable = false;
    return Step::progress;
  }
  if (errno == EINTR) return Step::progress;
  if (would_block(errno)) {
    ready.readable = false;
    return Step::blocked;
  }
  error_ = errno;
  failed_ = true;
  ready.readable = false;
  return Step::failed;
}

void Pump::consider_splicing(std::size_t got, bool write_blocked) {
  full_reads_ = got == BufferPool::kSize ? std::uint8_t(full_reads_ + 1) : std::uint8_t{0};
  large_reads_ = got >= kLarge ? std::uint8_t(std::min(large_reads_ + 1, 3)) : std::uint8_t{0};
  if (full_reads_ >= 2 || large_reads_ >= 3 || (write_blocked && got >= kLarge)) {
    splicing_ = true;
    full_reads_ = large_reads_ = small_splices_ = 0;
  }
}

}  // namespace kerbgate::net
