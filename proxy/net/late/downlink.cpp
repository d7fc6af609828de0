#include "net/late/downlink.hpp"

#include <cerrno>

#include "net/loop.hpp"

namespace kerbgate::net::late {

// A client that has not heard the last answer out speaks ahead: where the next one begins is not known then.
void Downlink::expect(const hs2::Message& call) {
  const bool known = !in_flight() && !waits_;
  waits_ = known && call.kind != hs2::Kind::oneway;
  looking_ = waits_ && hs2::method(call.method).answers.depth != 0;
  if (!looking_) return;
  call_ = call;
  follower_ = hs2::Follower(hs2::Follower::Side::replies);
}

Downlink::Status Downlink::run(Endpoint& server, Endpoint& client, Loop& loop) {
  while (waits_ || looking_ || block_) {
    const Status status = look(server, client, loop);
    if (status != Status::more) return status;
  }
  switch (pump_.run(server, client, loop)) {
    case Pump::Status::blocked:
      return Status::blocked;
    case Pump::Status::more:
      return Status::more;
    case Pump::Status::finished:
      return Status::finished;
    case Pump::Status::read_failed:
      return Status::read_failed;
    case Pump::Status::write_failed:
      break;
  }
  return Status::write_failed;
}

// One block: in, looked at, out. `more`: go on.
Downlink::Status Downlink::look(Endpoint& server, Endpoint& client, Loop& loop) {
  if (const Step step = flush(client, loop); step != Step::progress)
    return step == Step::failed ? Status::write_failed : Status::blocked;
  if (!waits_ && !looking_) return Status::more;
  if (pump_.in_flight()) {
    waits_ = looking_ = false;
    return Status::more;
  }
  if (!server.readable()) return Status::blocked;
  block_ = loop.buffers().take();
  const ssize_t got = server.receive(block_->data(), BufferPool::kSize, loop);
  const int error = errno;
  if (got > 0) {
    begin_ = 0;
    end_ = std::uint32_t(got);
    if (looking_) follow({block_->data(), end_});
    waits_ = false;
    return Status::more;
  }
  loop.buffers().give(std::move(block_));
  if (got < 0 && error == EAGAIN) {
    server.ready.readable = false;
    return Status::blocked;
  }
  if (waits_) return Status::unanswered;
  looking_ = false;
  if (got < 0) return Status::read_failed;
  server.ready.readable = true;  // the pump is to see the end, and to pass it on
  return Status::more;
}

void Downlink::follow(std::span<const std::uint8_t> bytes) {
  using Event = hs2::Follower::Event;
  while (!bytes.empty() && looking_) {
    const auto step = follower_.feed(bytes);
    bytes = bytes.subspan(step.used);
    const hs2::Message& answer = follower_.message();
    const bool ours = answer.method == call_.method && answer.sequence == call_.sequence;
    if (step.event == Event::handle && ours) handle_ = answer.handle;
    if (step.event != Event::none) looking_ = false;
  }
}

Downlink::Step Downlink::flush(Endpoint& client, Loop& loop) {
  while (block_ && begin_ < end_) {
    if (!client.ready.writable) return Step::blocked;
    const ssize_t sent = client.send(block_->data() + begin_, end_ - begin_, loop);
    if (sent < 0) return errno == EAGAIN ? Step::blocked : Step::failed;
    begin_ += std::uint32_t(sent);
    bytes_ += std::uint64_t(sent);
  }
  if (block_) loop.buffers().give(std::move(block_));
  if (!client.unsent()) return Step::progress;
  if (!client.ready.writable) return Step::blocked;
  if (client.flush(loop) == 0) return Step::progress;
  return errno == EAGAIN ? Step::blocked : Step::failed;
}

void Downlink::abandon(Loop& loop) {
  if (block_) loop.buffers().give(std::move(block_));
  pump_.abandon(loop);
}

}  // namespace kerbgate::net::late
