#pragma once

#include <string>

#include "support/socket.hpp"

/// What a browser or a script says to a stats page, and what it is answered.
namespace kerbgate::e2e {

struct HttpAnswer {
  int status = 0;
  std::string head, body;
};

/// The next answer of a connection: its head, and as many bytes as that says.
inline HttpAnswer read_answer(Socket& socket) {
  HttpAnswer out;
  while (!out.head.ends_with("\r\n\r\n")) out.head += socket.read(1);
  out.status = std::stoi(out.head.substr(9, 3));
  const std::size_t at = out.head.find("Content-Length: ");
  if (at != std::string::npos) out.body = socket.read(std::stoul(out.head.substr(at + 16)));
  return out;
}

/// `admin:secret`.
inline const std::string kPassword = "Authorization: Basic YWRtaW46c2VjcmV0\r\n";

inline HttpAnswer http(std::uint16_t port, const std::string& target, const std::string& headers = kPassword) {
  Socket socket = Socket::connect("127.0.0.1", port);
  socket.send("GET " + target + " HTTP/1.1\r\nHost: lb\r\n" + headers + "\r\n");
  return read_answer(socket);
}

inline HttpAnswer post(std::uint16_t port, const std::string& target, const std::string& form,
                       const std::string& headers = kPassword) {
  Socket socket = Socket::connect("127.0.0.1", port);
  socket.send("POST " + target + " HTTP/1.1\r\nHost: lb\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
              headers + "Content-Length: " + std::to_string(form.size()) + "\r\n\r\n" + form);
  return read_answer(socket);
}

}  // namespace kerbgate::e2e
