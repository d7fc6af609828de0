// What login late knows of sessions and operations, said to the keeper, who has the state file.
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>

#include "hs2/handle_file.hpp"
#include "program/service.hpp"

namespace kerbgate::program {
namespace {

/// A file of no folder, so that a large table neither waits for the keeper nor lets it wait.
Result<net::Fd> as_file(std::span<const std::uint8_t> bytes) {
  net::Fd file(::memfd_create("handles", MFD_CLOEXEC));
  for (std::size_t done = 0; file && done < bytes.size();) {
    const ssize_t written = ::pwrite(file.get(), bytes.data() + done, bytes.size() - done, off_t(done));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error(errno, "pass the table of handles on");
    done += std::size_t(written);
  }
  if (!file) return system_error(errno, "pass the table of handles on");
  return file;
}

}  // namespace

void Service::take_handles(std::vector<hs2::Handles::Known> handles) {
  process_->handles.adopt(std::move(handles), loops_[0]->now());
}

void Service::say_handles(bool at_once) {
  const std::uint64_t changes = process_->handles.changes();
  if (!keeps_handles_ || changes == handles_said_) return;
  if (handles_copier_.joinable()) handles_copier_.join();
  const auto copy = [this, now = loops_[0]->now()]() -> Result<net::Fd> {
    return as_file(hs2::encode(process_->handles.all(now), std::chrono::system_clock::now()));
  };
  const auto say = [this, changes](const Result<net::Fd>& file) {
    if (!file) return log_notices({{log::Priority::warning, file.error().what}});
    const int fd = file->get();
    // A keeper that has gone is seen by on_event().
    if (keeper_.send(keeper::Word::handles, {}, {&fd, 1})) handles_said_ = changes;
  };
  if (at_once) return say(copy());
  try {
    handles_copier_ = std::thread([this, copy, say] {
      loops_[0]->post([say, file = std::make_shared<Result<net::Fd>>(copy())] { say(*file); });
    });
  } catch (const std::system_error&) {  // no thread to be had
    say(copy());
  }
}

}  // namespace kerbgate::program
