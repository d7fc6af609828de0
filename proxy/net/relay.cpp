#include "net/relay.hpp"

namespace kerbgate::net {

void Relay::start(std::span<const std::uint8_t> to_server, std::span<const std::uint8_t> to_client, Loop& loop) {
  if (!up_.in_flight()) up_.preload(to_server, loop);  // what the last server did not take is still there, and first
  down_.abandon(loop);
  down_.preload(to_client, loop);
}

Relay::State Relay::turn(Endpoint& client, Endpoint& server, Loop& loop) {
  Pump::Status up = up_dead_ ? Pump::Status::blocked : up_.run(client, server, loop);
  if (up == Pump::Status::write_failed) {
    up_dead_ = true;
    up_.abandon(loop);
    down_.distrust_end();
    server.ready.readable = true;
    up = Pump::Status::blocked;
  }
  const Pump::Status down = down_.run(server, client, loop);
  if (up == Pump::Status::read_failed || down == Pump::Status::write_failed) {
    culprit_ = Side::client;
    return State::broken;
  }
  if (down == Pump::Status::read_failed) {
    culprit_ = Side::server;
    return State::broken;
  }
  if (up == Pump::Status::finished && down == Pump::Status::finished) return State::closed;
  // The server has said all it will, and takes nothing: its end has been passed on already.
  if (up_dead_ && down == Pump::Status::finished) {
    culprit_ = Side::server;
    return State::broken;
  }
  return up == Pump::Status::more || down == Pump::Status::more ? State::more : State::waiting;
}

void Relay::stop(Loop& loop) {
  up_.abandon(loop);
  down_.abandon(loop);
}

}  // namespace kerbgate::net
