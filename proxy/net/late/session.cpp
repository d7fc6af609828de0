#include "net/late/session.hpp"

#include <algorithm>
#include <cerrno>

#include "hs2/answer.hpp"

namespace kerbgate::net::late {

Session::Session(Place place, Token token) : place_(std::move(place)), token_(std::move(token)) {
  const auto left = token_.made + token_.skew - std::chrono::system_clock::now();
  stale_at_ = place_.loop.now() + std::chrono::duration_cast<Now::duration>(left);
}

Session::~Session() = default;

std::string Session::owner_of_call() {
  call_ = up_.call();
  return call_.handle.empty() ? std::string() : place_.handles.find(call_.handle, place_.loop.now());
}

void Session::start(LiveBackend& backend, balance::ServerIndex server, std::vector<balance::ServerIndex> asked,
                    std::span<const std::uint8_t> heard) {
  const bool again = first_ != balance::kNoServer;
  backend_ = &backend;
  first_ = server;
  first_who_ = who(server);
  asked_ = std::move(asked);
  asked_.push_back(server);
  down_.abandon(place_.loop);
  if (!again) go();
  down_.preload(heard, place_.loop);
}

DataPath::State Session::turn(Endpoint& client, Endpoint& first, Loop& loop) {
  for (;;) {
    Endpoint& server = current_ != nullptr ? current_->server : first;
    const Downlink::Status down = down_.run(server, client, loop);
    learn();
    if (down == Downlink::Status::unanswered) return answer_is_missing();
    Uplink::Status up = up_dead_ || up_over_ ? Uplink::Status::blocked : up_.run(client, &server, loop);
    if (up == Uplink::Status::decide) {
      const Ruling ruling = decide();
      if (ruling == Ruling::told) return State::told;
      if (ruling == Ruling::go) continue;
      up = Uplink::Status::blocked;
    }
    if (up == Uplink::Status::write_failed) {
      up_dead_ = true;
      up_.abandon(loop);
      down_.distrust_end();
      server.ready.readable = true;
      continue;
    }
    if (up == Uplink::Status::read_failed || down == Downlink::Status::write_failed) return State::broken;
    culprit_ = Side::server;
    if (down == Downlink::Status::read_failed) return State::broken;
    if (up == Uplink::Status::ended) up_over_ = pass_end(first, loop);
    if (down == Downlink::Status::finished && up_over_) return State::closed;
    if (down == Downlink::Status::finished && up_dead_) return State::broken;
    culprit_ = Side::client;
    return up == Uplink::Status::more || down == Downlink::Status::more ? State::more : State::waiting;
  }
}

// To every server that was spoken to: each may wait for it.
bool Session::pass_end(Endpoint& first, Loop& loop) {
  bool passed = first.end(loop) == 0 || errno != EAGAIN;
  for (const auto& leg : legs_)
    if (leg->server.fd >= 0 && leg->server.end(loop) != 0 && errno == EAGAIN) passed = false;
  return passed;
}

// The client waits for an answer that nobody will give. It is told in the call's own words; the call is never sent
// again, since nobody knows how far it came.
DataPath::State Session::answer_is_missing() {
  culprit_ = Side::server;
  if (up_.lost()) return State::broken;
  tell("coordinator " + server(current_index()).name + " ended before it answered " + call_.method +
       "; whether it was carried out is not known: connect again and look");
  return State::told;
}

void Session::learn() {
  const std::string handle = down_.take_handle();
  if (!handle.empty()) place_.handles.learn(handle, current_who(), place_.loop.now(), place_.lifetime);
}

Session::Ruling Session::go() {
  down_.expect(call_);
  up_.go();
  return Ruling::go;
}

Session::Ruling Session::tell(const std::string& why) {
  why_ = sasl::plain(why, sasl::kMaxText);  // a method's name is the client's
  return Ruling::told;
}

// A server that this session speaks to is who it was when it began, whoever has come to its place since.
balance::ServerIndex Session::server_at(const std::string& where) const {
  if (current_who() == where) return current_index();
  const auto spoken_to = [&](balance::ServerIndex index) -> const std::string* {
    if (index == first_) return &first_who_;
    const auto leg = std::find_if(legs_.begin(), legs_.end(),
                                  [&](const auto& one) { return one->index == index && one->server.fd >= 0; });
    return leg == legs_.end() ? nullptr : &(*leg)->who;
  };
  for (std::size_t i = 0; i < backend_->servers.size(); ++i) {
    const auto index = balance::ServerIndex(i);
    const std::string* const then = spoken_to(index);
    if ((then != nullptr ? *then : who(index)) == where) return index;
  }
  return balance::kNoServer;
}

Session::Ruling Session::decide() {
  if (coming_ != nullptr) return look_after_coming();
  call_ = up_.call();
  if (up_.lost() || call_.handle.empty()) return go();
  const std::string where = place_.handles.find(call_.handle, place_.loop.now());
  const balance::ServerIndex owner = where.empty() ? balance::kNoServer : server_at(where);
  if (owner != balance::kNoServer) return turn_to(owner);
  if (!std::exchange(unknown_noted_, true))
    notes_.push_back(
        call_.method + " asks for a handle that " +
        (where.empty() ? "this proxy has not seen" : "was made at " + where + ", which is no server here") +
        ": sent to " + server(current_index()).name);
  return go();
}

Session::Ruling Session::turn_to(balance::ServerIndex owner) {
  if (owner == current_index()) return go();
  if (down_.in_flight() || down_.waits())
    return tell("calls to two coordinators at once: wait for one answer before the next call");
  if (!up_.aligned())
    return tell("a call to another coordinator begins within the frame of the last: flush between calls");
  if (owner == first_) {
    current_ = nullptr;
    return go();
  }
  for (const auto& leg : legs_)
    if (leg->index == owner && leg->server.fd >= 0) {
      current_ = leg.get();
      return go();
    }
  return log_in_at(owner);
}

Session::Ruling Session::log_in_at(balance::ServerIndex owner) {
  const LiveServer& wanted = server(owner);
  const std::string needed = call_.method + " is for coordinator " + wanted.name;
  if (std::find(asked_.begin(), asked_.end(), owner) != asked_.end())
    return tell(needed + ", which has had this login already: connect again");
  if (!token_.fresh(std::chrono::system_clock::now()))
    return tell(needed + ", and this login is more than " + std::to_string(token_.skew.count()) +
                " s old: connect again");
  asked_.push_back(owner);
  legs_.push_back(std::make_unique<Leg>(place_.watcher, kFirstSide + int(legs_.size()), owner));
  coming_ = legs_.back().get();
  coming_->approach = std::make_unique<Approach>(place_.loop, static_cast<Approach::Owner&>(*this), *backend_,
                                                 place_.client, token_.bytes.bytes(), token_.opening);
  coming_->approach->only(owner);
  coming_->approach->complete_logins([this] { return token_.initiate(); });
  coming_->approach->begin();
  return look_after_coming();
}

Session::Ruling Session::look_after_coming() {
  Leg& leg = *coming_;
  const Approach::State state = leg.approach->state();
  if (state != Approach::State::arrived && state != Approach::State::failed) return Ruling::wait;
  coming_ = nullptr;
  const std::unique_ptr<Approach> approach = std::move(leg.approach);
  const LiveServer& wanted = server(leg.index);
  if (state == Approach::State::failed) {
    const auto& attempts = approach->attempts();
    const std::string what =
        attempts.empty() ? "is down or full" : login::describe(attempts.back(), token_.opening.ticket);
    return tell(call_.method + " is for coordinator " + wanted.name + ": " + what);
  }
  leg.server = std::move(approach->server());
  leg.fd = approach->take_fd();
  leg.lease = std::move(approach->lease());
  leg.who = who(leg.index);
  current_ = &leg;
  notes_.push_back("second login, at " + wanted.name + ", for " + call_.method);
  return go();
}

void Session::on_event(int side, std::uint32_t events) {
  const auto number = std::size_t(side - kFirstSide);
  if (number >= legs_.size()) return;
  Leg& leg = *legs_[number];
  if (!leg.approach) return leg.server.note(events);
  leg.approach->server().note(events);
  leg.approach->on_server_event();
}

void Session::on_deadline() {
  if (coming_ != nullptr && place_.loop.now() >= coming_->approach->deadline()) coming_->approach->on_deadline();
  if (place_.loop.now() >= stale_at_ && coming_ == nullptr) {
    token_.forget();
    stale_at_ = Now::max();
  }
}

Now Session::deadline() const noexcept {
  return coming_ != nullptr ? std::min(coming_->approach->deadline(), stale_at_) : stale_at_;
}

void Session::stop(Loop& loop) {
  up_.abandon(loop);
  down_.abandon(loop);
  token_.forget();
  // The legs themselves stay: an event of this wake may still name one.
  for (const auto& leg : legs_) {
    leg->approach.reset();
    leg->server = Endpoint{};
    leg->fd.reset();
    leg->lease.release();
  }
  coming_ = current_ = nullptr;
}

}  // namespace kerbgate::net::late
