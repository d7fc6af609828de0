#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kerbgate/keytab.hpp"

/// What a new keytab changes in an old one. Pure.
namespace kerbgate::plan {

struct KeyChange {
  enum class Kind { added, removed, replaced };  ///< replaced: the same slot, another key
  Kind kind;
  Principal principal;
  std::uint32_t kvno = 0;
  std::int32_t enctype = 0;
};

/// Timestamps and order do not count: the same key exported twice is one key. Sorted by principal, kvno and enctype.
std::vector<KeyChange> key_changes(std::span<const keytab::Entry> before, std::span<const keytab::Entry> after);

/// "+impala/lb@R kvno 4 (aes256-cts-hmac-sha1-96), -impala/lb@R kvno 2 (...)"; `~` is another key in the same slot.
std::string change_text(std::span<const KeyChange> changes);

/// The same list of a keytab's keys, without signs.
std::string keys_text(std::span<const keytab::Entry> entries);

const char* change_word(KeyChange::Kind kind);

}  // namespace kerbgate::plan
