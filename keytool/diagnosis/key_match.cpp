#include "diagnosis/key_match.hpp"

#include <algorithm>

namespace kerbgate::diagnosis {
namespace {

std::string version(std::uint32_t kvno, std::int32_t enctype) {
  return "kvno " + std::to_string(kvno) + " " + keytab::enctype_name(enctype);
}

/// "keytab: kvno 3 aes256-cts-hmac-sha1-96, kvno 3 aes128-cts-hmac-sha1-96".
std::string held(const std::vector<const keytab::Entry*>& entries) {
  std::string text;
  for (const auto* entry : entries) text += (text.empty() ? "" : ", ") + version(entry->kvno, entry->enctype);
  return text;
}

Cause reason(const WantedKey& wanted, const std::vector<const keytab::Entry*>& own) {
  const auto has = [&](auto test) { return std::any_of(own.begin(), own.end(), test); };
  const auto same_kvno = [&](const keytab::Entry* entry) { return entry->kvno == wanted.kvno; };
  if (has([&](const keytab::Entry* entry) { return same_kvno(entry) && entry->enctype == wanted.enctype; }))
    return Cause::key_differs;
  if (has(same_kvno)) return Cause::enctype_missing;
  // Older ones beside a newer one: the newer was made elsewhere, or the KDC went back.
  const bool newer = has([&](const keytab::Entry* entry) { return entry->kvno > wanted.kvno; });
  return newer ? Cause::kvno_newer : Cause::kvno_older;
}

}  // namespace

KeyMatch match_key(const WantedKey& wanted, const std::vector<keytab::Entry>& entries,
                   const std::function<bool(const keytab::Entry&)>& opens, Cause absent) {
  std::vector<const keytab::Entry*> own;
  for (const auto& entry : entries) {
    if (entry.principal == wanted.principal) own.push_back(&entry);
  }
  const std::string ticket = "the KDC's ticket has " + version(wanted.kvno, wanted.enctype);
  if (own.empty()) return {absent, ticket + ", the keytab does not hold the principal"};
  const auto opening = std::find_if(own.begin(), own.end(), [&](const auto* entry) { return opens(*entry); });
  if (opening == own.end()) return {reason(wanted, own), ticket + ", the keytab holds " + held(own)};
  if ((*opening)->kvno == wanted.kvno) return {std::nullopt, ticket + ", and the keytab opens it"};
  return {std::nullopt, ticket + ", and the keytab opens it by a key that it calls kvno " +
                            std::to_string((*opening)->kvno) + " (acceptors look at the key, not at its number)"};
}

}  // namespace kerbgate::diagnosis
