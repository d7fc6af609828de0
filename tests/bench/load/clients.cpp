#include "clients.hpp"

#include <cerrno>

#include "client.hpp"
#include "login_client.hpp"
#include "outbox.hpp"
#include "wire.hpp"

namespace kerbgate::bench {

/// Asks and is answered.
class Clients::Asking final : public Client {
 public:
  Asking(Clients& all, bool endless) : Client(all), endless_(endless) {}
  void ask_on_time(std::uint64_t due) override { waiting_for_answer_ ? late_.push_back(due) : ask(due); }

 private:
  void begin() override {
    if (endless_ || all_.options_.rate <= 0) ask(all_.options_.mode == Mode::churn ? begun_ : nanoseconds());
  }

  void go_on() override {
    if (send()) receive();
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
      if (left_ == 0 && waiting_for_answer_) take_answer();
      if (!talking()) return;
    }
    all_.loop_.again(*this);
  }

  void take_answer() {
    const std::uint64_t now = nanoseconds();
    waiting_for_answer_ = false;
    answered(asked_at_, now);
    if (all_.options_.mode == Mode::churn) return leave_served();
    if (all_.options_.mode == Mode::idle) return;
    if (all_.options_.rate <= 0) return all_.released_ ? ask(now) : all_.resting_.push_back(this);
    if (late_.empty()) return;
    const std::uint64_t due = late_.front();
    late_.pop_front();
    ask(due);
  }

  const bool endless_;
  Outbox out_;
  std::uint64_t left_ = 0, asked_at_ = 0;
  bool waiting_for_answer_ = false;
  std::deque<std::uint64_t> late_;
};

Clients::Clients(Loop& loop, const Options& options, PreparedLogins* logins)
    : loop_(loop), options_(options), logins_(logins) {
  if (options.tls) context_ = client_context();
  for (unsigned i = 0; i < options.connections; ++i)
    if (logins != nullptr)
      clients_.push_back(std::make_unique<LoggingIn>(*this));
    else
      clients_.push_back(std::make_unique<Asking>(*this, options.mode == Mode::bulk || i < options.greedy));
}

Clients::~Clients() = default;

void Clients::failed(int error) {
  if (counts_.errors++ == 0) counts_.first_error = error;
}

sockaddr_in Clients::next_destination() {
  sockaddr_in to = options_.connect;
  to.sin_port = htons(std::uint16_t(ntohs(to.sin_port) + destination_++ % options_.ports));
  return to;
}

bool Clients::goes_on() const { return !stopping_ && (logins_ == nullptr || logins_->left()); }

void Clients::release(std::uint64_t now) {
  released_ = true;
  for (Client* client : resting_) client->ask_on_time(now);
  resting_.clear();
}

void Clients::go_on(std::uint64_t now) {
  constexpr unsigned kAtOnce = 128;
  const bool on_time = options_.rate > 0;
  const unsigned done = on_time || options_.mode == Mode::bulk ? connected_ : established_;
  while (started_ < clients_.size() && started_ < done + kAtOnce) clients_[started_++]->connect();
  if (options_.mode == Mode::ask && !released_ && established_ == options_.connections) release(now);
  if (!on_time || !all_connected()) return;
  if (first_due_ == 0) first_due_ = now;
  for (;; ++asked_) {
    const std::uint64_t due = first_due_ + std::uint64_t(double(asked_) * 1e9 / options_.rate);
    if (due > now) return;
    clients_[options_.greedy + asked_ % (clients_.size() - options_.greedy)]->ask_on_time(due);
  }
}

}  // namespace kerbgate::bench
