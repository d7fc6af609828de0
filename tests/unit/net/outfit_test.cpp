#include "keeper/outfit.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "keeper/channel.hpp"

namespace kerbgate::keeper {
namespace {

net::Fd some_fd() {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  ::close(ends[1]);
  return net::Fd(ends[0]);
}

ino_t inode(const net::Fd& fd) {
  struct stat found {};
  EXPECT_EQ(::fstat(fd.get(), &found), 0);
  return found.st_ino;
}

Outfit sample() {
  Outfit outfit;
  outfit.texts.push_back({"/etc/kerbgate.cfg", std::string("listen a\0b\n", 11)});
  outfit.hosts["impala-1.example.com"] = {*IpAddress::parse("10.0.0.1"), *IpAddress::parse("fe80::1")};
  outfit.hosts["nowhere"] = {};
  Sockets sockets;
  sockets.key = ":25003";
  sockets.fds.push_back(some_fd());
  sockets.fds.push_back(some_fd());
  outfit.sockets.push_back(std::move(sockets));
  outfit.log_sockets["/dev/log"] = some_fd();
  outfit.notices.push_back({log::Priority::warning, "no PTR"});
  stats::CoordinatorCheck& check = outfit.checks.emplace_back();
  check.kind = stats::CoordinatorCheck::Kind::web;
  check.key = "impala-check\nhost1";
  check.state = check::Deep::drain;
  check.passed = true;
  check.found = "it is being shut down";
  check.cause = "a";
  check.remedy = "b";
  check.ticket = "kvno 3 x";
  check.took = std::chrono::milliseconds(12);
  check.when = std::chrono::system_clock::time_point(std::chrono::seconds(1'800'000'000));
  check.good_ticket = "kvno 2 x";
  check.good_when = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
  check.queries = 0;
  check.fresh_for = std::chrono::milliseconds(90'000);
  outfit.checks.emplace_back();
  outfit.tls_files["/c/proxy.pem"] = Secret(std::vector<std::uint8_t>{1, 2, 3});
  outfit.keytabs["/k/impala.keytab"] = Secret(std::vector<std::uint8_t>{5, 2});
  outfit.krb5.values = {{{"libdefaults", "clockskew"}, "100"}, {{"capaths", "A", "B"}, "."}};
  outfit.handles.push_back({std::string("a\0b", 3), "h1:21050", std::chrono::seconds(900), std::chrono::seconds(7)});
  outfit.placements.push_back(
      {"shell", "imp1", *IpAddress::parse("10.0.0.1"), 21000, 0, "h1:21000", "h1", "dns/ns1", true});
  outfit.placements.push_back({"shell", "imp2", {}, 0, {}, "", "", "No IP for server "});
  outfit.nameservers.push_back({"dns", "ns1", {1, 2, 3, 4, 5, 6, 7, 8, 9, std::uint64_t{1} << 40}, "3 coordinators"});
  outfit.looks.push_back({"kerberos-check\nh1", {{"shell", "imp1"}, {"jdbc", "imp1"}}});
  return outfit;
}

std::vector<net::Fd> duplicates(const std::vector<int>& fds) {
  std::vector<net::Fd> out;
  for (const int fd : fds) out.emplace_back(::dup(fd));
  return out;
}

TEST(Outfit, ComesOutAsItWentIn) {
  const Outfit in = sample();
  const Packed packed = pack(in);
  Result<Outfit> out = unpack(packed.bytes.bytes(), duplicates(packed.fds));
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_EQ(out->texts[0].text, in.texts[0].text);
  EXPECT_EQ(out->hosts, in.hosts);
  EXPECT_EQ(out->sockets[0].key, ":25003");
  EXPECT_EQ(inode(out->sockets[0].fds[1]), inode(in.sockets[0].fds[1]));
  EXPECT_EQ(inode(out->log_sockets.at("/dev/log")), inode(in.log_sockets.at("/dev/log")));
  EXPECT_EQ(out->notices[0].text, "no PTR");
  EXPECT_EQ(out->placements, in.placements);
  EXPECT_EQ(out->handles, in.handles);
  EXPECT_EQ(out->nameservers, in.nameservers);
  ASSERT_EQ(out->looks.size(), 1U);
  EXPECT_EQ(out->looks[0].key, in.looks[0].key);
  EXPECT_EQ(out->looks[0].servers, in.looks[0].servers);
  EXPECT_EQ(out->checks.at(0).queries, 0U);
  EXPECT_EQ(out->checks.at(1).queries, std::nullopt);
  EXPECT_TRUE(pack(*out).bytes == packed.bytes);
  EXPECT_TRUE(out->tls_files.at("/c/proxy.pem") == in.tls_files.at("/c/proxy.pem"));
  EXPECT_TRUE(out->keytabs.at("/k/impala.keytab") == in.keytabs.at("/k/impala.keytab"));
  EXPECT_EQ(out->krb5, in.krb5);
}

TEST(Outfit, CutAtAnyByteIsAnErrorAndNoCrash) {
  const Outfit in = sample();
  const Packed packed = pack(in);
  for (std::size_t size = 0; size < packed.bytes.size(); ++size) {
    const Result<Outfit> out = unpack(packed.bytes.bytes().first(size), duplicates(packed.fds));
    EXPECT_FALSE(out) << size;
  }
}

TEST(Outfit, ADescriptorTooManyOrTooFewIsAnError) {
  const Outfit in = sample();
  const Packed packed = pack(in);
  std::vector<net::Fd> more = duplicates(packed.fds);
  more.push_back(some_fd());
  EXPECT_FALSE(unpack(packed.bytes.bytes(), std::move(more)));
}

TEST(Channel, CarriesMoreDescriptorsThanTheKernelPassesAtOnceAndBytesBeyondItsBuffer) {
  auto ends = Channel::pair();
  ASSERT_TRUE(ends);
  std::vector<net::Fd> sent;
  std::vector<int> numbers;
  for (int i = 0; i < 450; ++i) {
    sent.push_back(some_fd());
    numbers.push_back(sent.back().get());
  }
  const std::vector<std::uint8_t> bytes(2 << 20, 0x5a);
  std::thread sender([&] { EXPECT_TRUE(ends->first.send(Word::outfit, bytes, numbers)); });
  Result<Message> message = ends->second.receive();
  sender.join();
  ASSERT_TRUE(message) << message.error().what;
  EXPECT_EQ(message->word, Word::outfit);
  EXPECT_TRUE(message->bytes == Secret(bytes));
  ASSERT_EQ(message->fds.size(), sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(inode(message->fds[i]), inode(sent[i]));
}

TEST(Channel, TellsWhenThePeerHasGone) {
  auto ends = Channel::pair();
  ASSERT_TRUE(ends);
  ends->first.close();
  const Result<Message> message = ends->second.receive();
  ASSERT_FALSE(message);
  EXPECT_TRUE(message.error().is(Errc::not_found));
}

}  // namespace
}  // namespace kerbgate::keeper
