#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "resolve/slots.hpp"

/// From what nameservers say to what Slots hear. Pure.
namespace kerbgate::resolve {

struct SrvRecord {
  std::string target;  ///< lower case, no last dot
  std::uint16_t port = 0, priority = 0, weight = 0;
};

/// What one nameserver says to one question.
struct Reply {
  Verdict verdict = Verdict::other;
  std::vector<IpAddress> addresses{};
  std::vector<SrvRecord> records{};
  std::string by{};  ///< "resolvers/nameserver"
};

/// One question to several nameservers: the first good reply counts, else the last bad one.
class Inquiry {
 public:
  explicit Inquiry(std::size_t asked) : waiting_(asked) {}
  /// True when that settled it.
  bool hear(Reply reply);
  [[nodiscard]] bool settled() const noexcept { return settled_ || waiting_ == 0; }
  [[nodiscard]] const Reply& reply() const noexcept { return reply_; }

 private:
  std::size_t waiting_;
  bool settled_ = false;
  Reply reply_{Verdict::timeout};
};

/// A name's addresses by both families' replies; `fallback`: those of the family that is not preferred, because nobody
/// could say whether there are others.
Reply both_families(const Reply& preferred, const Reply& other, bool& fallback);

/// An A or AAAA name: each address is a candidate.
Answer answer_of_addresses(const Reply& preferred, const Reply& other);

/// HAProxy's mapping of 0 to 65535 to a server's 0 to 256; nothing for all when every record has 0 (RFC 2782: there is
/// nothing to choose by).
std::vector<std::optional<std::uint32_t>> weights_of(const std::vector<SrvRecord>& records);

/// Both families' replies to the look-up of one target.
struct Host {
  Reply preferred, other;
};
/// `hosts`: what became of the look-up of each target. One whose look-up failed keeps its place, one that does not
/// exist has none. Priorities do not count, as in HAProxy.
Answer answer_of_services(const Reply& srv, const std::map<std::string, Host>& hosts);

}  // namespace kerbgate::resolve
