#include <cstdint>
#include <cstdlib>
#include <string_view>

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
  return 0;
}
