#include <cstdlib>
#include <string>

#include "kerbgate/keytab.hpp"
#include "unit/keytool/support/library_promise.hpp"

/// scan() takes any bytes, and what it takes for an entry is one: encode() can write it and it reads back equally.
/// What libkrb5 reads of the same bytes, read() reads equally or names.
namespace {

using namespace kerbgate::keytab;

void require(bool fact) {
  if (!fact) std::abort();
}

void check_offsets(const Scan& scanned) {
  std::uint64_t last = 0;
  for (const Entry& entry : scanned.entries) {
    require(entry.offset > last && entry.offset < scanned.size);
    last = entry.offset;
  }
  for (const Damage& damage : scanned.damage) require(damage.offset < scanned.size && !damage.reason.empty());
}

void check_equal(const std::vector<Entry>& ours, const std::vector<Entry>& again) {
  require(ours.size() == again.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    require(same_key(ours[i], again[i]) && ours[i].timestamp == again[i].timestamp);
  }
}

/// Merging what merge() made changes nothing.
void check_merge(const std::vector<Entry>& entries) {
  for (const Prefer prefer : {Prefer::first, Prefer::last}) {
    const MergeOptions options{prefer, false};
    const Merged once = merge({&entries, 1}, options);
    require(once.entries.size() + once.dropped.size() == entries.size());
    const Merged twice = merge({&once.entries, 1}, options);
    require(twice.clashes.empty() && twice.dropped.empty());
    check_equal(once.entries, twice.entries);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  require(kerbgate::test::broken_promise({data, size}).empty());
  const auto scanned = scan({data, size});
  if (!scanned) return 0;
  check_offsets(*scanned);
  for (const Entry& entry : scanned->entries) require(!entry.principal.printable().empty());
  const auto bytes = encode(scanned->entries);
  require(bytes.ok());
  const auto again = scan(bytes->bytes());
  require(again.ok());
  for (const Damage& damage : again->damage) require(!damage.fatal);
  check_equal(scanned->entries, again->entries);
  check_merge(scanned->entries);
  return 0;
}
