#pragma once

#include <span>
#include <string>

#include "admin/table.hpp"

/// Texts made of a Snapshot. Pure.
namespace kerbgate::admin {

/// `show stat` and the page's `;csv`: HAProxy's header line and a line for each row.
std::string csv(std::span<const Row> rows);
/// `show stat typed`: `S.2.1.4.scur.1:MGP:u32:0` for each cell.
std::string typed(std::span<const Row> rows);
/// `show stat json`: an array of rows, each an array of cells, in HAProxy's shape.
std::string json(std::span<const Row> rows);

/// `show info`: a line `Name: value` for each.
std::string text(std::span<const Cell> info);
/// `show info typed`: `17.CurrConns.1:MGP:u32:0`.
std::string typed(std::span<const Cell> info);
std::string json(std::span<const Cell> info);

/// Everything as one object (`/stats.json`): kerbgate's own shape; it only grows.
std::string json(const Snapshot& snapshot);
/// Prometheus' text format: what HAProxy's exporter tells, under its names, and kerbgate's own.
std::string prometheus(const Snapshot& snapshot);

}  // namespace kerbgate::admin
