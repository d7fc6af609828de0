#include "net/connection.hpp"

#include "proxied_fixture.hpp"

namespace kerbgate::net {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string big_endian(std::size_t value, int octets) {
  std::string out;
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) out += char(value >> shift);
  return out;
}

/// A ClientHello whose body is `size` octets of no meaning, in one record.
std::string client_hello(std::size_t size) {
  const std::string message = '\1' + big_endian(size, 3) + std::string(size, 'h');
  return std::string{22, 3, 1} + big_endian(message.size(), 2) + message;
}

TEST_F(Proxied, AClientThatLeavesWithoutAWordCostsOneServerOneConnection) {
  Port first, second;
  add_server(first.address());
  add_server(second.address());
  serve();
  Peer client = this->client();
  Peer server = first.accept();
  client.close();
  EXPECT_EQ(server.hear(1), "");
  EXPECT_TRUE(server.ended());
  server.close();
  EXPECT_TRUE(contains(line(), "front back/s1")) << "no other server is asked";
  EXPECT_FALSE(second.pending());
}

TEST_F(Proxied, AnAnswerOfAServerThatLeftAtOnceIsReplacedByTheNextOnes) {
  Port leaving, staying;
  add_server(leaving.address());
  add_server(staying.address());
  front_->login = config::Login::inspect;
  serve();
  const std::string hello = client_hello(300);
  Peer client = this->client();
  client.say(hello);
  Peer left = leaving.accept();
  EXPECT_EQ(left.hear(hello.size()), hello);
  left.say("old answer", MSG_MORE);  // the bytes and the end in one segment
  left.close();
  Peer server = staying.accept();
  EXPECT_EQ(server.hear(hello.size()), hello);
  server.say("new answer");
  EXPECT_EQ(client.hear(10), "new answer");
  client.say("on");
  EXPECT_EQ(server.hear(2), "on");
}

}  // namespace
}  // namespace kerbgate::net
