#include "plan/kadmin_script.hpp"

#include <algorithm>

namespace kerbgate::plan {
namespace {

/// A word as libss, kadmin's reader, takes it: quotes around, quotes within doubled.
std::string quoted(const std::string& word) {
  if (word.find_first_of(" \t\"") == std::string::npos) return word;
  std::string out = "\"";
  for (const char c : word) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

}  // namespace

Result<std::string> kadmin_script(const KadminRequest& request, const Inventory& inventory) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(request.keytabs, control)) {
    return Error(Errc::invalid, "--keytabs: kadmin cannot be told a path with a control character");
  }
  std::vector<std::string> names{request.proxy.str()};
  for (const InventoryHost& host : inventory.hosts) {
    if (host.name != request.proxy) names.push_back(host.name.str());
  }
  std::string create, export_keys;
  for (const std::string& name : names) {
    const std::string principal = request.service + "/" + name + "@" + request.realm;
    create += "addprinc -requires_preauth -randkey " + principal + "\n";
    export_keys += "ktadd -norandkey -k " + quoted(request.keytabs + "/" + name + ".keytab") + " " + principal + "\n";
  }
  return create + export_keys;
}

}  // namespace kerbgate::plan
