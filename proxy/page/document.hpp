#pragma once

#include <string>

#include "admin/snapshot.hpp"
#include "page/view.hpp"

namespace kerbgate::page {

/// The stats page: one HTML document that needs nothing else, made of tables; a script of its own only sorts, filters
/// and loads anew. Whatever comes from outside stands in it as escaped text. Pure.
std::string document(const admin::Snapshot& snapshot, const View& view);

/// Takes away what `stats scope` does not let be seen: sections, their refusals, and who uses the proxy.
void narrow(admin::Snapshot& snapshot, const View& view);

}  // namespace kerbgate::page
