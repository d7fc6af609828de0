#include "net/approach.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include "net/observer.hpp"
#include "net/socket.hpp"

namespace kerbgate::net {
namespace {

using Outcome = login::Attempt::Outcome;

/// HAProxy's turnaround: a server that has just refused is left alone for a second.
constexpr Millis kTurnaround{1000};

std::uint64_t random_number() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return engine();
}

}  // namespace

/// Handed to the pool while queued. It keeps itself alive until the pool is done with it: the place may be granted on
/// another thread at the very moment the client goes away, and then goes straight back.
class Approach::Ticket final : public balance::Waiter, public std::enable_shared_from_this<Ticket> {
 public:
  Ticket(Loop& loop, Approach* approach) : loop_(loop), approach_(approach) {}

  void keep() { self_ = shared_from_this(); }
  void not_queued() { self_.reset(); }
  void leave(balance::Pool& pool) {
    approach_ = nullptr;
    if (pool.leave_queue(this)) self_.reset();
  }
  void granted(balance::Lease lease) override {
    lease_ = std::move(lease);
    loop_.post([ticket = shared_from_this()] {
      ticket->self_.reset();
      if (ticket->approach_ != nullptr) ticket->approach_->place_taken(std::move(ticket->lease_));
      ticket->lease_.release();
    });
  }

 private:
  Loop& loop_;
  Approach* approach_;
  balance::Lease lease_;
  std::shared_ptr<Ticket> self_;
};

Approach::Approach(Loop& loop, Owner& owner, LiveBackend& backend, const IpAddress& client,
                   std::span<const std::uint8_t> opening, const login::Opening& verdict)
    : loop_(loop), owner_(owner), backend_(backend), client_(client), opening_(opening), verdict_(verdict) {}

Approach::~Approach() {
  if (ticket_) ticket_->leave(*backend_.pool);
}

void Approach::begin() {
  began_ = loop_.now();
  searching_ = true;
  search();
}

// A loop, not a recursion: two thousand servers may refuse one after the other within this call.
void Approach::search() {
  while (std::exchange(searching_, false)) find_server();
}

Now Approach::in(Millis timeout) const { return timeout.count() == 0 ? Now::max() : loop_.now() + timeout; }

const LiveServer* Approach::last_server() const noexcept {
  return last_ == balance::kNoServer ? nullptr : &backend_.servers[last_];
}

void Approach::find_server() {
  if (only_ != balance::kNoServer) return find_only();
  // Entered in the queue before the pool knows it: the grant may come before acquire() has returned.
  auto ticket = std::make_shared<Ticket>(loop_, this);
  ticket->keep();
  balance::Answer answer = ask_pool(*ticket);
  if (answer.queued) {
    ticket_ = std::move(ticket);
    queued_ = std::move(answer);
    state_ = State::queued;
    const Millis timeout = backend_.conf.queue_timeout;
    deadline_ = in(timeout.count() != 0 ? timeout : backend_.conf.connect_timeout);
    return;
  }
  ticket->not_queued();
  if (answer.lease) {
    lease_ = std::move(answer.lease);
    dial_server();
    return;
  }
  if (answer.refusal == balance::Refusal::queue_full) return fail(Failure::queue_full);
  fail(attempts_.empty() ? Failure::no_server : failure_);
}

/// Whoever is avoided is asked when nobody else is to be had, or when it is this client's own.
balance::Answer Approach::ask_pool(Ticket& ticket) const {
  balance::Ask ask{client_, tried_, random_number(), loop_.now(), preferred_};
  if (verdict_.ticket && loop_.now() < backend_.someone_avoided_until.load(std::memory_order_relaxed)) {
    std::vector<balance::ServerIndex> without = tried_;
    for (std::size_t i = 0; i < backend_.servers.size(); ++i)
      if (i != preferred_ && backend_.servers[i].blame->avoided(loop_.now()))
        without.push_back(balance::ServerIndex(i));
    ask.tried = without;
    if (balance::Answer answer = backend_.pool->acquire(ask, &ticket); answer.lease || answer.queued) return answer;
    ask.tried = tried_;
  }
  return backend_.pool->acquire(ask, &ticket);
}

void Approach::find_only() {
  balance::Answer answer = backend_.pool->acquire_on(only_, loop_.now());
  if (!answer.lease)
    return fail(answer.refusal == balance::Refusal::queue_full ? Failure::queue_full : Failure::no_server);
  lease_ = std::move(answer.lease);
  dial_server();
}

// Those who were given a place meanwhile, and this one; whoever left before its turn is not counted, as in HAProxy.
void Approach::note_queue() {
  waited_.time = std::chrono::duration_cast<Millis>(loop_.now() - began_);
  const std::uint64_t served = backend_.pool->served(queued_.queued_on) - queued_.served - (lease_ ? 1 : 0);
  const auto turn = std::uint32_t(std::min<std::uint64_t>(served, queued_.ahead)) + 1;
  (queued_.queued_on == balance::kNoServer ? waited_.backend : waited_.server) = turn;
}

Approach::Waited Approach::waited() {
  if (state_ == State::queued) note_queue();
  return waited_;
}

void Approach::place_taken(balance::Lease lease) {
  ticket_.reset();
  lease_ = std::move(lease);
  note_queue();
  dial_server();
  search();
  owner_.on_approach();
}

void Approach::dial_server() {
  last_ = lease_.server();
  waited_.time = std::max(waited_.time, Millis(0));
  const LiveServer& server = backend_.servers[last_];
  server.counts->rate.add(loop_.now());
  server.counts->last_session.set(loop_.now());
  backend_.counts->last_session.set(loop_.now());
  if (!server.has_address()) return attempt_failed(Outcome::refused, Failure::connect, "its name has no address");
  target_ = server.address(std::size_t(retries_));
  source_ = SocketAddress();
  Result<Fd> fd = dial(target_, backend_.conf.keepalive, server.source);
  if (!fd)
    return attempt_failed(Outcome::refused, is_shortage(fd.error()) ? Failure::resources : Failure::connect,
                          fd.error().what);
  fd_ = std::move(*fd);
  server_ = Endpoint{fd_.get(), {}, nullptr};
  sent_ = 0;
  answer_.clear();
  replies_.clear();
  replied_ = 0;
  dialogue_.reset();
  if (initiate_) dialogue_.emplace(initiate_());
  state_ = State::dialling;
  deadline_ = in(backend_.conf.connect_timeout);
  if (!loop_.watch(fd_.get(), owner_.server_watch()))
    attempt_failed(Outcome::refused, Failure::resources, "no memory to watch another socket");
}

void Approach::on_server_event() {
  if (state_ == State::dialling) {
    const int error = server_.ready.gone ? socket_error(server_.fd) : 0;  // a failed connect() never comes without
    if (error != 0) {
      attempt_failed(Outcome::refused, Failure::connect, std::strerror(error));
    } else if (server_.ready.writable) {
      connected();
    }
  }
  if (state_ == State::securing) secure();
  if (state_ == State::answering) {
    say_login();
    if (state_ == State::answering) read_answer();
  }
  search();
}

// It fits into an empty socket's buffer, or something is wrong with that socket.
bool Approach::introduce() {
  const config::Server* conf = last_ < backend_.conf.servers.size() ? &backend_.conf.servers[last_] : nullptr;
  if (conf == nullptr || (!conf->send_proxy && !conf->send_proxy_v2)) return true;
  const login::Ends ends = owner_.ends();
  const bool nobody = ends.source_port == 0 && ends.destination_port == 0;  // who came by a UNIX socket
  const std::string header =
      conf->send_proxy_v2 ? login::proxy_header_v2(ends, nobody) : login::proxy_header_v1(ends, nobody);
  if (::send(server_.fd, header.data(), header.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == ssize_t(header.size()))
    return true;
  attempt_failed(Outcome::reset, Failure::connect, std::strerror(errno));
  return false;
}

void Approach::connected() {
  const LiveServer& server = backend_.servers[last_];
  if (server.observer) server.observer->reached();
  if (!introduce()) return;
  if (!server.tls) return ready();
  server_.tls = server.tls->get()->connect(owner_.asked_name());
  state_ = State::securing;  // within the same `timeout connect`
}

void Approach::secure() {
  using Handshake = tls::Session::Handshake;
  switch (server_.tls->handshake({server_.fd, server_.ready, loop_.buffers()})) {
    case Handshake::waiting:
      return;
    case Handshake::failed: {
      ++backend_.tls.failures;
      std::string why = server_.tls->failure();
      return attempt_failed(Outcome::insecure, Failure::connect, std::move(why));
    }
    case Handshake::done:
      break;
  }
  ++backend_.tls.handshakes;
  if (server_.tls->resumed()) ++backend_.tls.resumed;
  ready();
}

void Approach::ready() {
  connected_at_ = loop_.now();
  if (!waits_for_answer()) {
    state_ = State::arrived;
    return;
  }
  state_ = State::answering;
  deadline_ = in(backend_.conf.login_answer_timeout);
}

void Approach::on_deadline() {
  switch (state_) {
    case State::queued:
      return fail(Failure::queue_timeout);
    case State::pausing:
      try_same_again();
      break;
    case State::dialling:
    case State::securing:
      attempt_failed(Outcome::timeout, Failure::connect_timeout);
      break;
    case State::answering:
      attempt_failed(Outcome::no_answer, Failure::answer);
      break;
    case State::arrived:
    case State::failed:
      return;
  }
  search();
}

void Approach::try_same_again() {
  balance::Answer answer = backend_.pool->acquire_on(last_, loop_.now());
  if (!answer.lease) {
    searching_ = true;
    return;
  }
  lease_ = std::move(answer.lease);
  dial_server();
}

void Approach::next_server(Outcome outcome) {
  attempt_failed(outcome, Failure::answer);
  search();
}

// With redispatch, or once a server has had its say on a login, the next server is asked at once and each one once;
// without, the same server again after a second, `retries` times, as HAProxy does. `retries 0`: no second connect.
void Approach::attempt_failed(Outcome outcome, Failure failure, std::string text) {
  const LiveServer& server = backend_.servers[last_];
  attempts_.push_back({server.name, server.whereabouts(), outcome, std::move(text)});
  count_failed(server, failure);
  failure_ = failure;
  const bool unreachable = failure == Failure::connect || failure == Failure::connect_timeout;
  if (unreachable && server.observer) server.observer->failed();
  hang_up();
  if (failure == Failure::resources) return fail(failure);
  const bool same_again = !backend_.conf.redispatch && verdict_.kind == login::Kind::unknown;
  if (unreachable && backend_.conf.retries == 0 && verdict_.kind == login::Kind::unknown) return fail(failure);
  if (same_again && failure != Failure::answer) {
    if (retries_ >= backend_.conf.retries) return fail(failure);
    ++retries_;
    stats::add(server.counts->retries);
    stats::add(backend_.counts->retries);
    state_ = State::pausing;
    deadline_ = in(std::min(kTurnaround,
                            backend_.conf.connect_timeout.count() != 0 ? backend_.conf.connect_timeout : kTurnaround));
    return;
  }
  if (failure == Failure::answer && verdict_.ticket) refused_.push_back(last_);
  tried_.push_back(last_);
  if (tried_.size() >= backend_.servers.size() || only_ != balance::kNoServer) return fail(failure);
  ++retries_;
  stats::add(server.counts->redispatches);
  stats::add(backend_.counts->redispatches);
  redispatched_ = true;
  searching_ = true;
}

// A server that took the connection and then failed the login; one that was not reached is counted when it is given up.
void Approach::count_failed(const LiveServer& server, Failure failure) {
  const login::Attempt& attempt = attempts_.back();
  stats::add(server.counts->passed_over[std::size_t(attempt.outcome)]);
  if (verdict_.resendable)
    server.counts->passed({std::chrono::system_clock::now(),
                           std::string(login::outcome_table()[std::size_t(attempt.outcome)].name),
                           login::describe(attempt, verdict_.ticket)});
  if (failure != Failure::answer) return;
  stats::add(server.counts->failed_responses);
  stats::add(backend_.counts->failed_responses);
}

void Approach::hang_up() {
  if (fd_) source_ = SocketAddress::local(fd_.get());
  if (fd_ && state_ == State::answering) abort_on_close(fd_.get());
  fd_.reset();
  server_ = Endpoint{};
  lease_.release();
}

void Approach::fail(Failure failure) {
  if (ticket_) {
    note_queue();
    ticket_->leave(*backend_.pool);
    ticket_.reset();
  }
  failure_ = failure;
  state_ = State::failed;
  deadline_ = Now::max();
}

}  // namespace kerbgate::net
