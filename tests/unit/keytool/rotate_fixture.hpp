#pragma once

#include <utility>
#include <vector>

#include "kadm5/admin.hpp"
#include "rotate/holders.hpp"
#include "unit/keytool/keytab_fixture.hpp"

namespace kerbgate::rotate::test {

/// kvno and the letter that the key is made of.
using Keys = std::vector<std::pair<std::uint32_t, char>>;

inline const Principal kProxy = keytab_fixture::entry("lb").principal;

/// A host's keytab: its own key, and these of the proxy.
inline HostKeytab host(const std::string& name, const Keys& keys) {
  HostKeytab out;
  out.place = out.host = name + ".example.com";
  out.path = "out/" + out.host + "/impala.keytab";
  out.entries.push_back(keytab_fixture::entry(name));
  for (const auto& [kvno, letter] : keys) out.entries.push_back(keytab_fixture::entry("lb", kvno, letter));
  return out;
}

template <class... Hosts>
std::vector<HostKeytab> hosts(Hosts... each) {
  std::vector<HostKeytab> out;
  (out.push_back(std::move(each)), ...);
  return out;
}

/// The KDC with a key of each of these kvnos; the last is in force since second 1,000.
inline kadm5::Record kdc(const std::vector<std::uint32_t>& kvnos) {
  kadm5::Record out;
  out.kvno = kvnos.back();
  for (const std::uint32_t kvno : kvnos) out.keys.push_back({kvno, 18});
  out.max_life = std::chrono::hours(10);
  out.key_changed = 1000;
  return out;
}

}  // namespace kerbgate::rotate::test
