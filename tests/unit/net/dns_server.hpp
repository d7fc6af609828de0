#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

/// A nameserver that says whatever a test wants it to say, by UDP and by TCP on one port.
namespace kerbgate::keeper {

enum : std::uint16_t { kTypeA = 1, kTypeCname = 5, kTypeAaaa = 28, kTypeSrv = 33 };
enum : std::uint16_t { kNoError = 0x8180, kServfail = 0x8182, kNxdomain = 0x8183, kRefused = 0x8185, kCut = 0x8380 };

inline std::string number16(unsigned value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }

/// "a.b" as labels.
inline std::string labels(const std::string& name) {
  std::string out;
  for (std::size_t from = 0; from <= name.size();) {
    const std::size_t dot = std::min(name.find('.', from), name.size());
    out += static_cast<char>(dot - from) + name.substr(from, dot - from);
    from = dot + 1;
  }
  return out + '\0';
}

struct DnsQuestion {
  std::string id;    ///< two octets
  std::string name;  ///< lower case
  std::uint16_t type = 0;
  std::string section;  ///< as it came
  bool tcp = false;
};

/// One record; its owner is the question's name.
struct DnsRecord {
  std::uint16_t type = kTypeA;
  std::string data;
};

inline DnsRecord a_record(const std::string& address) {
  in_addr raw{};
  inet_pton(AF_INET, address.c_str(), &raw);
  return {kTypeA, {reinterpret_cast<const char*>(&raw), 4}};
}
inline DnsRecord aaaa_record(const std::string& address) {
  in6_addr raw{};
  inet_pton(AF_INET6, address.c_str(), &raw);
  return {kTypeAaaa, {reinterpret_cast<const char*>(&raw), 16}};
}
inline DnsRecord srv_record(const std::string& target, unsigned port, unsigned weight) {
  return {kTypeSrv, number16(1) + number16(weight) + number16(port) + labels(target)};
}

inline std::string dns_message(const DnsQuestion& question, std::uint16_t flags,
                               const std::vector<DnsRecord>& records) {
  std::string out = question.id + number16(flags) + number16(1) + number16(static_cast<unsigned>(records.size())) +
                    number16(0) + number16(0) + question.section;
  for (const DnsRecord& record : records)
    out += number16(0xc00c) + number16(record.type) + number16(1) + number16(0) + number16(60) +
           number16(static_cast<unsigned>(record.data.size())) + record.data;
  return out;
}

class DnsServer {
 public:
  struct Said {
    std::string bytes;
    bool from_elsewhere = false;  ///< by another socket
  };
  using Speak = std::function<std::vector<Said>(const DnsQuestion&)>;
  explicit DnsServer(Speak speak) : speak_(std::move(speak)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    auto* const raw = reinterpret_cast<sockaddr*>(&name);
    // The port of the one has to be free for the other.
    for (bool bound = false; !bound;) {
      if (udp_ >= 0) close(udp_);
      if (tcp_ >= 0) close(tcp_);
      name.sin_port = 0;
      udp_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      tcp_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (bind(udp_, raw, sizeof name) != 0 || getsockname(udp_, raw, &size) != 0) throw std::runtime_error("bind");
      bound = bind(tcp_, raw, sizeof name) == 0 && listen(tcp_, 16) == 0;
    }
    port_ = ntohs(name.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~DnsServer() {
    eventfd_write(end_, 1);
    thread_.join();
    for (const int fd : {udp_, tcp_, end_}) close(fd);
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int asked() const { return asked_; }

 private:
  void run() {
    for (;;) {
      pollfd ready[3] = {{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}, {end_, POLLIN, 0}};
      if (poll(ready, 3, -1) < 0 || ready[2].revents != 0) return;
      if (ready[0].revents != 0) datagram();
      if (ready[1].revents != 0) stream();
    }
  }
  static DnsQuestion question_of(const std::string& bytes) {
    DnsQuestion out;
    out.id = bytes.substr(0, 2);
    std::size_t at = 12;
    while (at < bytes.size() && bytes[at] != 0) {
      const auto size = static_cast<std::size_t>(bytes[at]);
      out.name += (out.name.empty() ? "" : ".") + bytes.substr(at + 1, size);
      at += size + 1;
    }
    out.type = static_cast<std::uint16_t>(static_cast<unsigned char>(bytes.at(at + 1)) << 8 |
                                          static_cast<unsigned char>(bytes.at(at + 2)));
    out.section = bytes.substr(12, at + 5 - 12);
    return out;
  }
  void datagram() {
    char bytes[4096];
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t got = recvfrom(udp_, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 17) return;
    ++asked_;
    const int other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (const Said& said : speak_(question_of({bytes, static_cast<std::size_t>(got)})))
      sendto(said.from_elsewhere ? other : udp_, said.bytes.data(), said.bytes.size(), 0,
             reinterpret_cast<const sockaddr*>(&from), size);
    close(other);
  }
  void stream() {
    const int fd = accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
    char bytes[4096];
    const ssize_t head = recv(fd, bytes, 2, MSG_WAITALL);
    if (head == 2) {
      const auto size =
          static_cast<std::size_t>(static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1]));
      if (size >= 17 && size <= sizeof bytes && recv(fd, bytes, size, MSG_WAITALL) == static_cast<ssize_t>(size)) {
        ++asked_;
        DnsQuestion question = question_of({bytes, size});
        question.tcp = true;
        for (const Said& said : speak_(question)) {
          const std::string framed = number16(static_cast<unsigned>(said.bytes.size())) + said.bytes;
          send(fd, framed.data(), framed.size(), MSG_NOSIGNAL);
        }
        recv(fd, bytes, 1, 0);  // until the client has gone: what was sent is not cut off
      }
    }
    close(fd);
  }

  Speak speak_;
  int udp_ = -1, tcp_ = -1, end_ = eventfd(0, EFD_CLOEXEC);
  std::uint16_t port_ = 0;
  std::atomic<int> asked_ = 0;
  std::thread thread_;
};

/// Answers everything by these records of the asked type, and by "no such name" where there is none.
inline DnsServer::Speak answering(std::vector<DnsRecord> records) {
  return [records](const DnsQuestion& question) -> std::vector<DnsServer::Said> {
    std::vector<DnsRecord> fitting;
    for (const DnsRecord& record : records)
      if (record.type == question.type) fitting.push_back(record);
    return {{dns_message(question, fitting.empty() ? kNxdomain : kNoError, fitting)}};
  };
}

}  // namespace kerbgate::keeper
