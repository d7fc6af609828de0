#include <cstdlib>
#include <string_view>

#include "kerbgate/principal.hpp"

/// Whatever parse() takes, str() writes so that parse() gives it back, and printable() is safe to print.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using kerbgate::Principal;
  const auto parsed = Principal::parse({reinterpret_cast<const char*>(data), size}, "DEFAULT.REALM");
  if (!parsed) return 0;
  const auto again = Principal::parse(parsed->str());
  if (!again || !(*again == *parsed) || again->name_type != parsed->name_type) std::abort();
  for (const char c : parsed->printable()) {
    if (c < 0x20 || c > 0x7e) std::abort();
  }
  return 0;
}
