#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/keytab.hpp"

/// libkrb5's own keytab reader: the judge of what a service will find in a file.
namespace kerbgate::keytab {

/// One entry as libkrb5 returns it. Valid only during the call it is passed to; the key is wiped after it.
struct LibraryEntry {
  std::vector<std::string_view> components;
  std::string_view realm;
  std::int32_t name_type = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t kvno = 0;
  std::int32_t enctype = 0;
  std::span<const std::uint8_t> key;
};

/// Passes the entries of FILE:`path` to `visit` in libkrb5's order until it returns false or they end. Errc::krb5 with
/// the library's message when it stops for another reason than the end.
Result<void> each_library_entry(const std::string& path, const std::function<bool(const LibraryEntry&)>& visit);

/// The first field in which the two differ ("kvno 3, libkrb5 reads 4"); empty when they are the same. Never a key.
/// Format 0x0501 has no name type, and libkrb5 returns what happened to be in memory there: it is not compared then.
std::string difference(const Entry& ours, const LibraryEntry& theirs, int format_version = 2);

}  // namespace kerbgate::keytab
