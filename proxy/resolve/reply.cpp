#include "resolve/reply.hpp"

#include <algorithm>

namespace kerbgate::resolve {

bool Inquiry::hear(Reply reply) {
  if (settled()) return false;
  --waiting_;
  settled_ = reply.verdict == Verdict::valid;
  if (settled_ || reply_.by.empty() || waiting_ == 0) reply_ = std::move(reply);
  return settled();
}

Reply both_families(const Reply& preferred, const Reply& other, bool& fallback) {
  fallback = false;
  if (preferred.verdict == Verdict::valid || other.verdict != Verdict::valid) {
    // That a name is not there is said by either; that nobody answered is what is worth saying.
    const bool exists = preferred.verdict == Verdict::nx && other.verdict != Verdict::nx;
    return exists ? other : preferred;
  }
  fallback = preferred.verdict == Verdict::timeout || preferred.verdict == Verdict::refused;
  return other;
}

Answer answer_of_addresses(const Reply& preferred, const Reply& other) {
  Answer out;
  const Reply reply = both_families(preferred, other, out.fallback);
  out.verdict = reply.verdict;
  out.by = reply.by;
  for (const IpAddress& address : reply.addresses) out.found.push_back({"", {address}});
  return out;
}

std::vector<std::optional<std::uint32_t>> weights_of(const std::vector<SrvRecord>& records) {
  const bool none = std::all_of(records.begin(), records.end(), [](const SrvRecord& r) { return r.weight == 0; });
  std::vector<std::optional<std::uint32_t>> out;
  for (const SrvRecord& record : records) {
    if (none)
      out.emplace_back();
    else
      out.emplace_back((std::uint32_t{record.weight} + 255) / 256);
  }
  return out;
}

Answer answer_of_services(const Reply& srv, const std::map<std::string, Host>& hosts) {
  Answer out{srv.verdict, {}, srv.by};
  if (srv.verdict != Verdict::valid) return out;
  const auto weights = weights_of(srv.records);
  for (std::size_t i = 0; i < srv.records.size(); ++i) {
    const SrvRecord& record = srv.records[i];
    Candidate candidate{record.target, {}, record.port, weights[i]};
    if (const auto host = hosts.find(record.target); host != hosts.end()) {
      const Reply reply = both_families(host->second.preferred, host->second.other, candidate.fallback);
      if (reply.verdict == Verdict::nx) continue;
      if (reply.verdict == Verdict::valid) candidate.addresses = reply.addresses;
    }
    out.found.push_back(std::move(candidate));
  }
  return out;
}

}  // namespace kerbgate::resolve
