#include "rotate/new_keys.hpp"

#include "krb5/random_key.hpp"

namespace kerbgate::rotate {

Result<std::vector<keytab::Entry>> new_keys(const Principal& principal, std::uint32_t kvno,
                                            const std::vector<std::int32_t>& enctypes, std::int64_t now) {
  std::vector<keytab::Entry> out;
  for (const std::int32_t enctype : enctypes) {
    auto key = random_key(enctype);
    if (!key) return std::move(key).error();
    keytab::Entry& entry = out.emplace_back();
    entry.principal = principal;
    entry.timestamp = static_cast<std::uint32_t>(now);
    entry.kvno = kvno;
    entry.enctype = enctype;
    entry.key = std::move(*key);
  }
  return out;
}

}  // namespace kerbgate::rotate
