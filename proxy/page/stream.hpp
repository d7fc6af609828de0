#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>

#include "net/fd.hpp"
#include "net/pools.hpp"
#include "net/tls/session.hpp"

namespace kerbgate::page {

/// One connection as Beast reads and writes it (AsyncReadStream, AsyncWriteStream): the bytes as they are, or TLS
/// around them, with one deadline for whatever runs. A handshake is part of the first read.
class Stream {
 public:
  using executor_type = boost::asio::io_context::executor_type;
  using Error = boost::system::error_code;

  /// `tls` null: in clear. `pool` outlives it.
  Stream(const executor_type& executor, net::Fd fd, std::unique_ptr<net::tls::Session> tls, net::BufferPool& pool);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  executor_type get_executor() { return executor_; }
  /// What runs by then ends with operation_aborted, and all after it with bad_descriptor.
  void expires_after(std::chrono::milliseconds limit);
  /// The end of what is said here, clean under TLS too.
  void end_writing();
  void close();
  /// Why the handshake failed, for people; empty while it has not.
  [[nodiscard]] std::string failure() const { return tls_ ? tls_->failure() : std::string{}; }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_compose<Handler, void(Error, std::size_t)>(
        Op<Read>{*this, Read{first_of<boost::asio::mutable_buffer>(buffers)}}, handler, executor_);
  }
  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_compose<Handler, void(Error, std::size_t)>(
        Op<Write>{*this, Write{first_of<boost::asio::const_buffer>(buffers)}}, handler, executor_);
  }

 private:
  /// What an attempt came to: done, or which readiness to wait for.
  enum class Step { done, wait_readable, wait_writable };
  struct Read {
    boost::asio::mutable_buffer to;
    Step attempt(Stream& stream, Error& failed, std::size_t& moved) { return stream.read(to, failed, moved); }
  };
  struct Write {
    boost::asio::const_buffer from;
    std::size_t taken = 0;
    Step attempt(Stream& stream, Error& failed, std::size_t& moved) {
      const Step step = stream.write(from, taken, failed);
      moved = taken;
      return step;
    }
  };
  /// Attempts, and waits in between; never ends within the call that began it.
  template <class Kind>
  struct Op {
    Stream& stream;
    Kind kind;
    bool begun = false;
    template <class Self>
    void operator()(Self& self, Error failed = {}) {
      if (failed) return self.complete(failed, 0);
      if (!std::exchange(begun, true)) return boost::asio::post(stream.executor_, std::move(self));
      if (!stream.descriptor_.is_open()) return self.complete(boost::asio::error::bad_descriptor, 0);
      std::size_t moved = 0;
      const Step step = kind.attempt(stream, failed, moved);
      if (step == Step::done) return self.complete(failed, failed ? 0 : moved);
      stream.descriptor_.async_wait(step == Step::wait_readable ? boost::asio::posix::stream_descriptor::wait_read
                                                                : boost::asio::posix::stream_descriptor::wait_write,
                                    std::move(self));
    }
  };
  template <class Buffer, class Buffers>
  static Buffer first_of(const Buffers& buffers) {
    for (auto at = boost::asio::buffer_sequence_begin(buffers); at != boost::asio::buffer_sequence_end(buffers); ++at)
      if (Buffer one(*at); one.size() != 0) return one;
    return {};
  }

  Step read(boost::asio::mutable_buffer to, Error& failed, std::size_t& moved);
  Step write(boost::asio::const_buffer from, std::size_t& taken, Error& failed);
  Step shake_hands(Error& failed);
  [[nodiscard]] net::tls::Session::Wire wire();

  executor_type executor_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer deadline_;
  std::unique_ptr<net::tls::Session> tls_;
  net::BufferPool& pool_;
  net::Readiness ready_;
  bool shaken_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kerbgate::page
