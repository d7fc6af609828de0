#include "settings/flagfile.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Any bytes, as gflags would read them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // No value is longer than the file, and lines are counted within it.
  for (const auto& flag : kerbgate::read_flagfile(text, "/usr/sbin/impalad")) {
    if (flag.line == 0 || flag.line > size + 1 || flag.value.value_or("").size() > size) std::abort();
  }
  return 0;
}
