#pragma once

#include <atomic>
#include <list>
#include <string>
#include <thread>

#include "support/socket.hpp"

namespace kerbgate::e2e {

/// A host that tells each client its own name and then says back what it is told.
class NamedServer {
 public:
  NamedServer(std::string name, const std::string& host, std::uint16_t port = 0)
      : name_(std::move(name)), listener_(host, port), thread_([this] { run(); }) {}
  ~NamedServer() {
    ending_ = true;
    thread_.join();
    for (std::thread& talk : talks_) talk.join();
  }
  NamedServer(const NamedServer&) = delete;
  NamedServer& operator=(const NamedServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

 private:
  void run() {
    while (!ending_) {
      try {
        talks_.emplace_back([this, socket = listener_.accept(std::chrono::milliseconds(50))]() mutable {
          try {
            socket.send(name_ + "\n");
            for (std::string heard = socket.read_some(); !heard.empty(); heard = socket.read_some()) socket.send(heard);
          } catch (const std::exception&) {  // the client has gone
          }
        });
      } catch (const TimedOut&) {
      }
    }
  }
  std::string name_;
  Listener listener_;
  std::atomic<bool> ending_ = false;
  std::list<std::thread> talks_;
  std::thread thread_;
};

/// The name of the server that this connection came to.
inline std::string name_at(Socket& client) {
  std::string out;
  for (std::string one = client.read(1); one != "\n"; one = client.read(1)) out += one;
  return out;
}

inline bool echoes(Socket& client) {
  client.send("ping");
  return client.read(4) == "ping";
}

}  // namespace kerbgate::e2e
