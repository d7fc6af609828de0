#pragma once

#include "admin/site.hpp"
#include "admin/snapshot.hpp"

/// Live things -> plain facts. Reads counters, takes the pools' short locks, changes nothing.
namespace kerbgate::admin {

FrontFacts facts_of(const net::LiveFrontend& live, const Generation& generation, stats::Now now);
FrontFacts facts_of(const PageSection& page, stats::Now now);
BackFacts facts_of(const net::LiveBackend& live, const Generation& generation, stats::Now now);

/// HAProxy's words: "UP", "UP 1/3", "DOWN", "DRAIN", "MAINT", "no check".
std::string status_of(const balance::ServerView& view, bool checked, const std::optional<stats::CheckOutcome>& check);

/// What histories are made of.
stats::Totals totals_of(const net::LiveFrontend& live);
stats::Totals totals_of(const net::LiveBackend& live);
stats::Totals totals_of(const net::Process& process);
/// One for each server, in order.
std::vector<stats::Totals> server_totals_of(const net::LiveBackend& live);

}  // namespace kerbgate::admin
