#include "rotate/initiator.hpp"

#include <algorithm>
#include <cctype>

#include "kerbgate/printable.hpp"
#include "settings/flagfile.hpp"

namespace kerbgate::rotate {
namespace {

bool equal_but_for_case(const std::string& a, const std::string& b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// The last value counts, as in gflags.
std::string value_of(const std::vector<FileFlag>& flags, const std::string& name) {
  std::string out;
  for (const FileFlag& flag : flags) {
    if (flag.name == name && flag.value) out = *flag.value;
  }
  return out;
}

std::optional<std::string> says(const Flagfile& file, const Principal& principal) {
  const auto flags = read_flagfile(file.text, file.program);
  const std::string be = value_of(flags, "be_principal");
  const std::string& used = be.empty() ? value_of(flags, "principal") : be;
  const auto parsed = Principal::parse(used, principal.realm);
  if (used.empty() || !parsed || !(*parsed == principal)) return std::nullopt;
  return printable(file.path) +
         (be.empty() ? " names it as principal without a be_principal" : " names it as be_principal");
}

}  // namespace

std::optional<std::string> initiates(const HostKeytab& keytab, const std::vector<Flagfile>& flagfiles,
                                     const Principal& principal) {
  if (keytab.host.empty()) return std::nullopt;
  if (principal.components.size() == 2 && equal_but_for_case(principal.components[1], keytab.host))
    return "it is " + printable(keytab.host) + "'s own principal";
  for (const Flagfile& file : flagfiles) {
    if (auto reason = says(file, principal)) return reason;
  }
  const bool alone =
      std::ranges::all_of(keytab.entries, [&](const auto& entry) { return entry.principal == principal; });
  if (alone) return printable(keytab.path) + " holds no other principal that a daemon could log in as";
  return std::nullopt;
}

}  // namespace kerbgate::rotate
