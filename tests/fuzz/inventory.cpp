#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "settings/flagfile.hpp"
#include "kerbgate/inventory.hpp"

/// Any bytes: an inventory or an error of one line, and hosts that are names with roles.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto inventory = kerbgate::parse_inventory(text, "f");
  if (inventory) {
    for (const auto& host : inventory->hosts) {
      if (host.roles.empty() || !kerbgate::Fqdn::parse(host.name.str())) std::abort();
    }
  } else if (inventory.error().what.find('\n') != std::string::npos) {
    std::abort();
  }
  // No value is longer than the file, and lines are counted within it.
  for (const auto& flag : kerbgate::read_flagfile(text, "/usr/sbin/impalad")) {
    if (flag.line == 0 || flag.line > size + 1 || flag.value.value_or("").size() > size) std::abort();
  }
  return 0;
}
