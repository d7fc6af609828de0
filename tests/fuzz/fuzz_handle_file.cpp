#include <algorithm>
#include <cstdlib>

#include "hs2/handle_file.hpp"
#include "unit/proxy/handle_bytes.hpp"

using namespace kerbgate::hs2;

/// What is read is written and read again as the same; nothing that is taken is out of bounds. The second half of the
/// inputs gets a checksum that fits, which chance never finds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::chrono::system_clock::time_point now{std::chrono::seconds(1'800'000'000)};
  std::vector<std::uint8_t> bytes(data, data + size);
  if (size > 24 && data[size - 1] % 2 == 0) {
    const std::vector<std::uint8_t> head = encode({}, now);
    std::copy_n(head.begin(), 20, bytes.begin());
    bytes = fixture::sealed(std::move(bytes));
  }
  const auto read = decode(bytes, now);
  if (!read) return 0;
  for (const Handles::Known& one : *read)
    if (one.handle.empty() || one.server.empty() || one.age.count() < 0 || one.age > one.lifetime) std::abort();
  const auto again = decode(encode(*read, now), now);
  if (!again || *again != *read) std::abort();
  Handles handles(100);
  handles.adopt(*read, Handles::Now{});
  if (handles.size() > std::min<std::size_t>(100, read->size())) std::abort();
  return 0;
}
