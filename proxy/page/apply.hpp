#pragma once

#include <functional>
#include <string_view>

#include "admin/site.hpp"
#include "page/form.hpp"

namespace kerbgate::page {

/// Does what a form asks for, on the site's home loop; `done` is told the outcome, later where sessions are ended.
void apply(admin::Site& site, const Change& change, std::function<void(std::string_view)> done);

/// Some frontend accepts and some server it leads to takes connections. On the home loop.
bool is_serving(const admin::Site& site);

}  // namespace kerbgate::page
