#include <algorithm>
#include <string_view>

#include "kerbgate/gss_login.hpp"

namespace kerbgate {
namespace {

constexpr std::string_view kMechanism = "GSSAPI";
/// A coordinator's frames are some 200 octets; what is longer than this is no login.
constexpr std::size_t kLongestFrame = 1u << 20;

void append_frame(SaslLogin::Bytes& out, sasl::Status status, sasl::Bytes payload) {
  const SaslLogin::Bytes frame = sasl::frame_around(status, payload);
  out.insert(out.end(), frame.begin(), frame.end());
}

sasl::Bytes octets(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

}  // namespace

void SaslLogin::stop(State state, std::string why) {
  state_ = state;
  why_ = std::move(why);
}

Result<SaslLogin::Bytes> SaslLogin::begin() {
  const auto token = login_->step({});
  if (!token) {
    stop(State::broken, token.error().what);
    return token.error();
  }
  Bytes out;
  append_frame(out, sasl::Status::start, octets(kMechanism));
  append_frame(out, sasl::Status::ok, *token);
  return out;
}

void SaslLogin::take_frame(sasl::Status status, sasl::Bytes payload, Bytes& out) {
  if (status == sasl::Status::complete) {
    if (login_->finished()) return stop(State::done, "");
    return stop(State::foreign, "the server says COMPLETE before it has proved its key");
  }
  if (login_->finished()) return stop(State::foreign, "the server goes on after the login's last step");
  const auto token = login_->step(payload);
  if (!token) return stop(State::broken, token.error().what);
  append_frame(out, sasl::Status::ok, *token);
}

SaslLogin::Bytes SaslLogin::feed(sasl::Bytes received) {
  buffer_.insert(buffer_.end(), received.begin(), received.end());
  Bytes out;
  while (state_ == State::going) {
    reply_ = sasl::classify_reply(buffer_);
    if (reply_.next == sasl::Reply::Next::more) break;
    if (reply_.next == sasl::Reply::Next::foreign) {
      stop(State::foreign, "the server's answer is no SASL frame");
    } else if (reply_.next == sasl::Reply::Next::rejected) {
      stop(State::rejected, "");
    } else {
      const std::size_t length = sasl::read_header(buffer_)->length;
      if (length > kLongestFrame) {
        stop(State::foreign, "the server announces a frame of " + std::to_string(length) + " octets");
      } else if (buffer_.size() < sasl::kHeaderSize + length) {
        break;
      } else {
        take_frame(reply_.status, sasl::Bytes(buffer_).subspan(sasl::kHeaderSize, length), out);
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(sasl::kHeaderSize + length));
      }
    }
  }
  return out;
}

}  // namespace kerbgate
