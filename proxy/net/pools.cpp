#include "net/pools.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace kerbgate::net {

std::unique_ptr<Pipe> PipePool::take() {
  if (!free_.empty()) {
    auto pipe = std::move(free_.back());
    free_.pop_back();
    return pipe;
  }
  if (refused_) return nullptr;
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return nullptr;
  auto pipe = std::make_unique<Pipe>();
  pipe->read = Fd(ends[0]);
  pipe->write = Fd(ends[1]);
  const int size = ::fcntl(ends[1], F_SETPIPE_SZ, int(kCapacity));
  if (size < int(kCapacity)) {
    refused_ = true;
    return nullptr;
  }
  pipe->capacity = std::size_t(size);
  return pipe;
}

void PipePool::give(std::unique_ptr<Pipe> empty) {
  if (free_.size() < kKeep) free_.push_back(std::move(empty));
}

}  // namespace kerbgate::net
