#include "clients.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "outbox.hpp"
#include "wire.hpp"

namespace kerbgate::bench {

class Clients::Client final : public Watched {
 public:
  Client(Clients& all, bool endless) : all_(all), endless_(endless) {}

  void connect() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
    stream_.open(fd, all_.context_.get(), true);
    state_ = State::connecting;
    begun_ = nanoseconds();
    if (all_.options_.sources > 1) leave_from(fd);
    const auto& to = all_.options_.connect;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
      return all_.failed(errno);
    all_.loop_.watch(fd, *this);
  }

  /// `due`: when it should have been asked.
  void ask_on_time(std::uint64_t due) { waiting_for_answer_ ? late_.push_back(due) : ask(due); }

  void on_event(std::uint32_t events) override {
    if (state_ == State::gone) return;
    if ((events & EPOLLERR) != 0) return leave(pending_error());
    if (state_ == State::connecting) {
      if ((events & EPOLLOUT) == 0) return;
      state_ = State::securing;
    }
    if (state_ == State::securing && !secure()) return;
    if (!send()) return;
    receive();
  }

 private:
  enum class State { connecting, securing, talking, gone };

  void leave_from(int fd) {
    const int on = 1;
    ::setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(0x7f000201 + all_.source_++ % all_.options_.sources);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
      throw std::system_error(errno, std::generic_category(), "bind to a source");
  }

  bool secure() {
    if (!stream_.secured()) {
      const int done = stream_.handshake();
      if (done < 0) leave(EPROTO);
      if (done <= 0) return false;
    }
    state_ = State::talking;
    if (!connected_before_) ++all_.connected_;
    connected_before_ = true;
    if (endless_ || all_.options_.rate <= 0) ask(all_.options_.mode == Mode::churn ? begun_ : nanoseconds());
    return state_ == State::talking;
  }

  void ask(std::uint64_t since) {
    const Options& options = all_.options_;
    const std::uint64_t request = endless_ ? (options.up ? kEndless : kHeader) : options.request;
    left_ = endless_ ? (options.up ? 1 : kEndless) : options.answer;
    asked_at_ = since;
    waiting_for_answer_ = true;
    out_.put(header(request, left_), request);
    send();
  }

  bool send() {
    switch (out_.run(stream_)) {
      case Outbox::State::failed:
        leave(errno);
        return false;
      case Outbox::State::share_used:
        all_.loop_.again(*this);
        return true;
      default:
        return true;
    }
  }

  void receive() {
    constexpr int kShare = 16;
    for (int i = 0; i < kShare; ++i) {
      const ssize_t got = stream_.skip(1 << 20);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return leave(got == 0 ? EPIPE : errno);
      all_.counts_.received += std::uint64_t(got);
      left_ -= std::min<std::uint64_t>(left_, std::uint64_t(got));
      if (left_ == 0 && waiting_for_answer_) answered();
      if (state_ != State::talking) return;
    }
    all_.loop_.again(*this);
  }

  void answered() {
    const std::uint64_t now = nanoseconds();
    waiting_for_answer_ = false;
    ++all_.counts_.answers;
    all_.counts_.latency.add(now - asked_at_);
    if (!answered_before_) ++all_.established_;
    answered_before_ = true;
    switch (all_.options_.mode) {
      case Mode::churn:
        stream_.close(true);
        state_ = State::gone;
        if (!all_.stopping_) connect();
        return;
      case Mode::idle:
        return;
      default:
        break;
    }
    if (all_.options_.rate <= 0) return ask(now);
    if (late_.empty()) return;
    const std::uint64_t due = late_.front();
    late_.pop_front();
    ask(due);
  }

  [[nodiscard]] int pending_error() const {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(stream_.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error != 0 ? error : ECONNRESET;
  }

  void leave(int error) {
    all_.failed(error);
    stream_.close(false);
    state_ = State::gone;
    if (all_.options_.mode == Mode::churn && !all_.stopping_) connect();
  }

  Clients& all_;
  const bool endless_;
  Stream stream_;
  State state_ = State::connecting;
  Outbox out_;
  std::uint64_t left_ = 0, asked_at_ = 0, begun_ = 0;
  bool waiting_for_answer_ = false, connected_before_ = false, answered_before_ = false;
  std::deque<std::uint64_t> late_;
};

Clients::Clients(Loop& loop, const Options& options) : loop_(loop), options_(options) {
  if (options.tls) context_ = client_context();
  for (unsigned i = 0; i < options.connections; ++i)
    clients_.push_back(std::make_unique<Client>(*this, options.mode == Mode::bulk || i < options.greedy));
}

Clients::~Clients() = default;

void Clients::failed(int error) {
  if (counts_.errors++ == 0) counts_.first_error = error;
}

void Clients::go_on(std::uint64_t now) {
  constexpr unsigned kAtOnce = 128;
  const bool on_time = options_.rate > 0;
  const unsigned done = on_time || options_.mode == Mode::bulk ? connected_ : established_;
  while (started_ < clients_.size() && started_ < done + kAtOnce) clients_[started_++]->connect();
  if (!on_time || !all_connected()) return;
  if (first_due_ == 0) first_due_ = now;
  for (;; ++asked_) {
    const std::uint64_t due = first_due_ + std::uint64_t(double(asked_) * 1e9 / options_.rate);
    if (due > now) return;
    clients_[options_.greedy + asked_ % (clients_.size() - options_.greedy)]->ask_on_time(due);
  }
}

}  // namespace kerbgate::bench
