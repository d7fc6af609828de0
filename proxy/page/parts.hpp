#pragma once

#include <string>
#include <string_view>

#include "admin/snapshot.hpp"
#include "page/view.hpp"

/// The parts of the document, each appended to `out`.
namespace kerbgate::page {

/// What needs a look: servers that are down, names that clients cannot use, the proxy without a server.
void write_attention(std::string& out, const admin::Snapshot& snapshot);
void write_charts(std::string& out, const admin::Snapshot& snapshot);
/// A frontend's line and its backend's servers. `sparks`: with a small chart for each server.
void write_section(std::string& out, const admin::Section& section, const View& view, std::int64_t now, bool sparks);
void write_names(std::string& out, const admin::Snapshot& snapshot);
void write_refusals(std::string& out, const admin::Snapshot& snapshot);
void write_principals(std::string& out, const admin::Snapshot& snapshot);
void write_legend(std::string& out);

std::string_view style();
std::string_view script();

/// HAProxy's state words -> a class of the style sheet: "up", "falling", "rising", "down", "maint", "drain", "plain".
std::string_view state_class(std::string_view status);
/// "12:45:03", of today, else with the day.
std::string moment(std::chrono::system_clock::time_point time, std::chrono::system_clock::time_point now);

}  // namespace kerbgate::page
