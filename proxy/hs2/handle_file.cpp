#include "hs2/handle_file.hpp"

#include <algorithm>
#include <boost/crc.hpp>
#include <map>
#include <string>
#include <string_view>

namespace kerbgate::hs2 {
namespace {

using Wall = std::chrono::system_clock::time_point;
using std::chrono::seconds;

constexpr std::string_view kMagic = "kerbgatehandles\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kLongestHandle = 64, kLongestServer = 300, kMostServers = 2000;
static_assert(Handles::kMost * (1 + kLongestHandle + 14) + kMostServers * (2 + kLongestServer) + 32 <
              kLargestHandleFile);

std::int64_t seconds_of(Wall time) { return std::chrono::duration_cast<seconds>(time.time_since_epoch()).count(); }

std::uint32_t checksum(std::span<const std::uint8_t> bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

class Writer {
 public:
  void number(std::uint64_t value, int octets) {
    for (int i = octets - 1; i >= 0; --i) bytes.push_back(std::uint8_t(value >> (8 * i)));
  }
  void text(std::string_view value) { bytes.insert(bytes.end(), value.begin(), value.end()); }
  std::vector<std::uint8_t> bytes;
};

/// After the first short read everything reads as empty and ok() is false.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  std::uint64_t number(std::size_t octets) {
    std::uint64_t value = 0;
    for (const char c : text(octets)) value = value << 8 | std::uint8_t(c);
    return value;
  }
  std::string_view text(std::size_t octets) {
    if (rest_.size() < octets) ok_ = false;
    if (!ok_) return {};
    const std::string_view taken(reinterpret_cast<const char*>(rest_.data()), octets);
    rest_ = rest_.subspan(octets);
    return taken;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::span<const std::uint8_t> rest_;
  bool ok_ = true;
};

Error damaged(const std::string& why) { return {Errc::invalid, "it is damaged: " + why}; }

bool is_server(std::string_view text) {
  return !text.empty() && text.size() <= kLongestServer &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::vector<std::uint8_t> encode(std::vector<Handles::Known> known, Wall now) {
  std::erase_if(known, [](const Handles::Known& one) {
    return one.handle.empty() || one.handle.size() > kLongestHandle || !is_server(one.server);
  });
  if (known.size() > Handles::kMost) {
    std::nth_element(known.begin(), known.begin() + Handles::kMost, known.end(),
                     [](const auto& a, const auto& b) { return a.age < b.age; });
    known.resize(Handles::kMost);
  }
  std::map<std::string_view, std::uint16_t> servers;
  for (const Handles::Known& one : known)
    if (servers.size() < kMostServers) servers.emplace(one.server, std::uint16_t(servers.size()));
  std::vector<std::string_view> order(servers.size());
  for (const auto& [server, number] : servers) order[number] = server;
  Writer out;
  out.text(kMagic);
  out.number(kVersion, 4);
  out.number(order.size(), 4);
  const std::size_t count = std::size_t(
      std::count_if(known.begin(), known.end(), [&](const auto& one) { return servers.contains(one.server); }));
  out.number(count, 4);
  for (const std::string_view server : order) {
    out.number(server.size(), 2);
    out.text(server);
  }
  for (const Handles::Known& one : known) {
    const auto server = servers.find(one.server);
    if (server == servers.end()) continue;
    out.number(one.handle.size(), 1);
    out.text(one.handle);
    out.number(server->second, 2);
    out.number(std::uint64_t(std::max<std::int64_t>(0, seconds_of(now) - one.age.count())), 8);
    out.number(std::uint64_t(std::clamp<std::int64_t>(one.lifetime.count(), 0, UINT32_MAX)), 4);
  }
  out.number(checksum(out.bytes), 4);
  return std::move(out.bytes);
}

Result<std::vector<Handles::Known>> decode(std::span<const std::uint8_t> bytes, Wall now) {
  if (bytes.size() > kLargestHandleFile) return damaged("it is larger than any that this proxy writes");
  Reader in(bytes);
  if (in.text(kMagic.size()) != kMagic) return Error{Errc::unsupported, "it is no state file of kerbgate"};
  const std::uint64_t version = in.number(4);
  if (in.ok() && version != kVersion)
    return Error{Errc::unsupported, "it is of version " + std::to_string(version) + ", this proxy reads version " +
                                        std::to_string(kVersion)};
  if (in.left() < 12) return damaged("it ends within its head");
  Reader last(bytes.last(4));
  if (last.number(4) != checksum(bytes.first(bytes.size() - 4))) return damaged("its checksum is wrong; was it cut?");
  const std::uint64_t servers = in.number(4), handles = in.number(4);
  if (servers > kMostServers || handles > Handles::kMost)
    return damaged("it says that it holds more than this proxy keeps");
  std::vector<std::string_view> names;
  for (std::uint64_t i = 0; i < servers && in.ok(); ++i) {
    names.push_back(in.text(std::size_t(in.number(2))));
    if (in.ok() && !is_server(names.back())) return damaged("a server in it has no such name");
  }
  std::vector<Handles::Known> out;
  const std::int64_t present = seconds_of(now);
  for (std::uint64_t i = 0; i < handles && in.ok(); ++i) {
    const std::string_view handle = in.text(std::size_t(in.number(1)));
    const std::uint64_t server = in.number(2), used = in.number(8), lifetime = in.number(4);
    if (!in.ok()) break;
    if (handle.empty() || handle.size() > kLongestHandle) return damaged("a handle in it has no length");
    if (server >= names.size()) return damaged("a handle in it is of no server");
    if (used > std::uint64_t(INT64_MAX)) return damaged("a time in it is none");
    const seconds age(std::max<std::int64_t>(0, present - std::int64_t(used)));
    if (age.count() > std::int64_t(lifetime)) continue;
    out.push_back({std::string(handle), std::string(names[server]), seconds(lifetime), age});
  }
  if (!in.ok() || in.left() != 4) return damaged("its length is not what its head says");
  return out;
}

std::vector<Handles::Known> joined(std::vector<Handles::Known> one, std::vector<Handles::Known> other) {
  for (Handles::Known& more : other) one.push_back(std::move(more));
  std::sort(one.begin(), one.end(),
            [](const auto& a, const auto& b) { return a.handle != b.handle ? a.handle < b.handle : a.age < b.age; });
  one.erase(std::unique(one.begin(), one.end(), [](const auto& a, const auto& b) { return a.handle == b.handle; }),
            one.end());
  return one;
}

}  // namespace kerbgate::hs2
