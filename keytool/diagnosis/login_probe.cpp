#include "diagnosis/login_probe.hpp"

#include <array>

#include "sasl/unknown_call.hpp"

namespace kerbgate::diagnosis {
namespace {

using End = LoginOutcome::End;
using network::Channel;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

End end_of(const Error& error) {
  if (network::failed_with(error, std::errc::timed_out)) return End::silent;
  if (network::failed_with(error, std::errc::connection_reset) || network::failed_with(error, std::errc::broken_pipe))
    return End::reset;
  return End::broken;
}

/// The first address that takes a connection; the last one's failure otherwise.
Result<Fd> connected(const LoginTarget& target, milliseconds limit, Resolver& resolver, LoginOutcome& out) {
  const auto found = resolver.forward(target.host);
  if (!found) {
    out.end = End::no_address;
    return found.error();
  }
  Result<Fd> fd = Error(Errc::not_found, target.host + " has no address");
  for (const IpAddress& address : found->addresses) {
    fd = network::dial(address, target.port, network::after(limit));
    if (fd) return fd;
    const bool late = network::failed_with(fd.error(), std::errc::timed_out);
    out.end = network::failed_with(fd.error(), std::errc::connection_refused) ? End::refused : End::unreachable;
    fd = Error(fd.error().code, late ? address.str() + " does not answer" : address.str() + ": " + fd.error().what);
  }
  return fd;
}

/// In the clear, whatever follows.
Result<void> say_first(Fd& fd, const std::string& preface, milliseconds limit) {
  if (preface.empty()) return {};
  network::Stream stream(std::move(fd));
  auto sent =
      stream.write({reinterpret_cast<const std::uint8_t*>(preface.data()), preface.size()}, network::after(limit));
  fd = std::move(stream).release();
  return sent;
}

/// nullptr with `out` filled when there is no channel.
std::unique_ptr<Channel> open_channel(const LoginTarget& target, milliseconds limit, Resolver& resolver,
                                      LoginOutcome& out) {
  auto fd = connected(target, limit, resolver, out);
  if (!fd) {
    out.text = fd.error().what;
    return nullptr;
  }
  if (auto sent = say_first(*fd, target.preface, limit); !sent) {
    out.end = end_of(sent.error());
    out.text = sent.error().what;
    return nullptr;
  }
  if (!target.tls) return std::make_unique<network::Stream>(std::move(*fd));
  const tls::Options options{target.host, target.ca_file, target.must_cover, target.crt_file};
  auto client = tls::Client::handshake(std::move(*fd), options, network::after(limit));
  if (!client) {
    out.end = client.error().is(Errc::invalid) ? End::broken : End::tls_failed;
    out.text = client.error().what;
    return nullptr;
  }
  out.tls = true;
  out.certificate = (*client)->certificate();
  return std::move(*client);
}

void finish(const SaslLogin& login, LoginOutcome& out) {
  switch (login.state()) {
    case SaslLogin::State::done:
      out.end = End::accepted;
      break;
    case SaslLogin::State::rejected:
      out.end = End::rejected;
      out.text = login.reply().text;
      break;
    case SaslLogin::State::foreign:
      out.end = End::foreign;
      out.tls = out.tls || tls::is_alert(login.received());
      out.text = login.why();
      break;
    default:
      out.end = End::broken;
      out.text = login.why();
  }
}

void converse(Channel& channel, SaslLogin& login, milliseconds limit, LoginOutcome& out) {
  auto to_send = login.begin();
  if (!to_send) return finish(login, out);
  const auto started = steady_clock::now();
  const auto deadline = network::after(limit);
  const auto elapsed = [&] { return std::chrono::duration_cast<milliseconds>(steady_clock::now() - started); };
  std::array<std::uint8_t, 16384> piece;
  for (;;) {
    if (auto sent = channel.write(*to_send, deadline); !sent) {
      out.end = end_of(sent.error());
      out.text = sent.error().what;
      return;
    }
    if (login.state() != SaslLogin::State::going) break;
    const auto got = channel.read(piece, deadline);
    if (!got || *got == 0) {
      out.end = got ? End::closed : end_of(got.error());
      out.text = got ? std::string() : got.error().what;
      return;
    }
    to_send = login.feed(std::span(piece).first(*got));
  }
  out.took = elapsed();
  finish(login, out);
  if (out.end == End::broken) out.end = End::unproved;  // by what it was answered: its own first token was made
}

/// The login stands: whether the connection is served.
void call(Channel& channel, milliseconds limit, LoginOutcome& out) {
  const auto deadline = network::after(limit);
  const auto unserved = [&out](std::string why) {
    out.end = End::unserved;
    out.text = std::move(why);
  };
  if (auto sent = channel.write(sasl::unknown_call(), deadline); !sent) return unserved(sent.error().what);
  std::vector<std::uint8_t> seen;
  std::array<std::uint8_t, 4096> piece;
  while (sasl::classify_answer(seen) == sasl::Answer::more) {
    const auto got = channel.read(piece, deadline);
    if (!got && network::failed_with(got.error(), std::errc::timed_out))
      return unserved("no answer within " + std::to_string(limit.count() / 1000) + " s");
    if (!got) return unserved(got.error().what);
    if (*got == 0) return unserved("the connection was closed");
    seen.insert(seen.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*got));
  }
  if (sasl::classify_answer(seen) == sasl::Answer::refused) return;
  out.end = End::foreign;
  out.text = "after the login a call is answered by what is not Thrift's binary protocol";
}

LoginOutcome attempt(const LoginTarget& target, const std::string& cache, milliseconds limit, Resolver& resolver) {
  LoginOutcome out;
  auto context = GssLogin::make(target.server, cache);
  if (!context) {
    out.end = End::broken;
    out.text = context.error().what;
    return out;
  }
  const auto channel = open_channel(target, limit, resolver, out);
  if (!channel) return out;
  SaslLogin login(std::move(*context));
  converse(*channel, login, limit, out);
  if (target.call && out.end == End::accepted) call(*channel, limit, out);
  return out;
}

/// What a TLS port may do to a login in the clear: an alert, or leaving.
bool may_be_tls(const LoginOutcome& outcome) {
  return outcome.end == End::foreign || outcome.end == End::closed || outcome.end == End::reset;
}

}  // namespace

LoginOutcome probe_port(const LoginTarget& target, milliseconds limit, Resolver& resolver) {
  LoginOutcome out;
  open_channel(target, limit, resolver, out);
  return out;
}

LoginOutcome probe_login(const LoginTarget& target, const std::string& cache, milliseconds limit, Resolver& resolver) {
  LoginOutcome first = attempt(target, cache, limit, resolver);
  if (target.tls || !may_be_tls(first)) return first;
  LoginTarget through_tls = target;
  through_tls.tls = true;
  // Impala takes a ClientHello for a bad frame and closes: the port is left as quickly.
  if (!first.tls && probe_port(through_tls, limit, resolver).end == End::tls_failed) return first;
  LoginOutcome second = attempt(through_tls, cache, limit, resolver);
  return second.tls ? second : first;
}

}  // namespace kerbgate::diagnosis
