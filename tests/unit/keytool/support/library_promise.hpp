#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kerbgate/keytab.hpp"
#include "keytab/file.hpp"
#include "krb5/keytab.hpp"

/// What read() promises, checked from outside: whatever libkrb5 reads in a file, read() reads equally, or it names the
/// place where the two part.
namespace kerbgate::test {

/// How the answer for these bytes breaks it; empty: it does not.
inline std::string broken_promise(std::span<const std::uint8_t> bytes) {
  const auto file = keytab::MemoryFile::holding(bytes);
  if (!file) return file.error().what;
  const auto ours = keytab::read(file->path());
  std::vector<keytab::Damage> damage;
  std::vector<keytab::Entry> entries;
  int version = 2;
  if (ours) {
    for (const keytab::Entry& entry : ours->entries) entries.push_back(entry.copy());
    damage = ours->damage;
    version = ours->version;
  }
  const auto named = [&](const keytab::Entry& entry) {
    return std::ranges::any_of(damage, [&](const keytab::Damage& one) {
      return one.fatal ? one.offset <= entry.offset : one.offset == entry.offset;
    });
  };
  const bool whole = std::ranges::none_of(damage, &keytab::Damage::fatal);
  std::size_t count = 0;
  std::string broken;
  const auto visit = [&](const keytab::LibraryEntry& theirs) {
    const std::size_t index = count++;
    if (!ours) {
      broken = "libkrb5 reads an entry of what is refused: " + ours.error().what;
    } else if (index >= entries.size()) {
      broken = whole ? "libkrb5 reads an entry more" : "";
    } else if (const std::string other = keytab::difference(entries[index], theirs, version); !other.empty()) {
      broken = named(entries[index]) ? "" : "entry " + std::to_string(index) + ": " + other;
    }
    return broken.empty();
  };
  const auto read = keytab::each_library_entry(file->path(), visit);
  if (!broken.empty() || !ours) return broken;
  if (whole && !read) return "sound, and libkrb5 says: " + read.error().what;
  if (whole && count != entries.size()) return "sound, and libkrb5 reads " + std::to_string(count) + " entries";
  const bool hidden = count < entries.size() && !named(entries[count]);
  return hidden ? "entry " + std::to_string(count) + " is hidden by libkrb5, and that is not said" : "";
}

}  // namespace kerbgate::test
