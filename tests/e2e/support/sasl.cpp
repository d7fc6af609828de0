#include "support/sasl.hpp"

namespace kerbgate::e2e::sasl {
namespace {

constexpr std::string_view kMechanism = "GSSAPI";
constexpr std::string_view kNoLayer{"\x01\0\0\0", 4};  ///< RFC 4752, 3.1: layer bits, then 24 bits of buffer size
constexpr std::size_t kHeader = 5;
constexpr std::size_t kLongest = 1u << 24;

std::string step_of(Socket& socket) {
  Frame frame = receive(socket);
  if (frame.status != Status::ok && frame.status != Status::complete)
    throw Violation("expected OK or COMPLETE, received " + std::to_string(static_cast<int>(frame.status)));
  return frame.payload;
}

void check_choice(std::string_view choice, const std::string& user) {
  if (choice.size() < kNoLayer.size() || choice[0] != kNoLayer[0])
    throw Violation("the client chose a security layer that was not offered");
  const std::string_view wanted = choice.substr(kNoLayer.size());
  if (!wanted.empty() && wanted != user && wanted != user.substr(0, user.find('@')))
    throw Violation("the client may not act as " + std::string(wanted));
}

}  // namespace

std::string encode(Status status, std::string_view payload) {
  std::string frame(1, static_cast<char>(status));
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(payload.size() >> shift);
  return frame.append(payload);
}

void send(Socket& socket, Status status, std::string_view payload) { socket.send(encode(status, payload)); }

Frame receive(Socket& socket) {
  const std::string header = socket.read(kHeader);
  const auto status = static_cast<std::uint8_t>(header[0]);
  if (status < 1 || status > 5) throw Violation("invalid sasl status " + std::to_string(status));
  std::size_t length = 0;
  for (std::size_t i = 1; i < kHeader; ++i) length = length << 8 | static_cast<std::uint8_t>(header[i]);
  if (length > kLongest) throw Violation("SASL message of " + std::to_string(length) + " bytes");
  return {static_cast<Status>(status), socket.read(length)};
}

/// START and the token go in two segments, as with every known client.
void initiate(Socket& socket, gss::Initiator& initiator) {
  const std::string token = initiator.step("");
  send(socket, Status::start, kMechanism);
  send(socket, Status::ok, token);
  for (bool chosen = false;;) {
    const Frame frame = receive(socket);
    if (frame.status != Status::ok && frame.status != Status::complete)
      throw Refused("Bad status: " + std::to_string(static_cast<int>(frame.status)) + " (" + frame.payload + ")");
    if (frame.status == Status::complete) {
      if (!chosen) throw Violation("COMPLETE before the login was");
      return;
    }
    if (!initiator.established()) {
      send(socket, Status::ok, initiator.step(frame.payload));
    } else {
      const std::string offer = initiator.unwrap(frame.payload);
      if (offer.size() != kNoLayer.size() || (offer[0] & 1) == 0)
        throw Violation("the server offers no login without a security layer");
      send(socket, Status::ok, initiator.wrap(kNoLayer));
      chosen = true;
    }
  }
}

std::string accept(Socket& socket, gss::Acceptor& acceptor) {
  const Frame first = receive(socket);
  if (first.status != Status::start) {
    const std::string text = "Expecting START status, received " + std::to_string(static_cast<int>(first.status));
    send(socket, Status::error, text);
    throw Violation(text);
  }
  if (first.payload != kMechanism) {
    const std::string text = "Unsupported mechanism type " + first.payload;
    send(socket, Status::bad, text);
    throw Violation(text);
  }
  while (!acceptor.established()) {
    const std::string answer = acceptor.step(step_of(socket));
    if (!answer.empty()) {
      send(socket, Status::ok, answer);
      if (acceptor.established()) step_of(socket);
    }
  }
  send(socket, Status::ok, acceptor.wrap(kNoLayer));
  check_choice(acceptor.unwrap(step_of(socket)), acceptor.peer());
  send(socket, Status::complete, "");
  return acceptor.peer();
}

}  // namespace kerbgate::e2e::sasl
