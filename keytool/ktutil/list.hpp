#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kerbgate/keytab.hpp"

namespace kerbgate::ktutil {

struct ListOptions {
  bool times = false, keys = false, enctypes = false;
};

/// `words` without the request's name; nullopt: one of them is no option of it.
std::optional<ListOptions> parse_list_options(std::span<const std::string> words);

/// The listing in MIT ktutil's columns, times in the local zone. kvno is unsigned, and what a terminal would obey in a
/// principal is \xHH.
std::string listing(std::span<const keytab::Entry> entries, const ListOptions& options);

/// What stands in `path` after wkt: the entries there, then those of the list. Of exact duplicates (key, kvno, enctype
/// and principal) the first stays, with the newest timestamp. Different keys of one slot all stay, in their order:
/// libkrb5 uses the first.
std::vector<keytab::Entry> appended(std::vector<keytab::Entry> there, std::span<const keytab::Entry> list);

}  // namespace kerbgate::ktutil
