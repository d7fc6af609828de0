#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "admin/snapshot.hpp"

/// HAProxy's statistics tables as cells: what `show stat` and `show info` say in each of their forms. Names, places,
/// tags and meanings are those of HAProxy 2.6 (management guide 9.1 and 9.2); what it does not fill here is 0, so that
/// whatever reads them finds every column.
namespace kerbgate::admin {

enum class Type : std::uint8_t { u32, u64, s32, text };

struct Cell {
  std::string_view name;
  int place = 0;         ///< HAProxy's number of the field
  std::string_view tag;  ///< origin, nature, scope: "MGP"
  Type type = Type::u64;
  std::int64_t number = 0;
  std::string text;

  [[nodiscard]] std::string str() const { return type == Type::text ? text : std::to_string(number); }
};

enum class RowKind : std::uint8_t { frontend, backend, server, listener };  ///< HAProxy's `type`

struct Row {
  RowKind kind = RowKind::frontend;
  std::uint32_t iid = 0, sid = 0;
  std::vector<Cell> cells;  ///< in the order of their places; columns that this kind has not are left out
};

/// As `show stat iid type sid` and its words `up` and `no-maint`.
struct Selection {
  std::int64_t iid = -1, sid = -1;  ///< -1: all
  int type = -1;                    ///< 1 frontends, 2 backends, 4 servers, 8 listeners, added up; -1: all
  bool up_only = false, without_maint = false;
};

std::vector<Row> stat_rows(const Snapshot& snapshot, const Selection& selection = {});
/// The names of all columns, in order.
std::vector<std::string_view> stat_columns();
/// Those fields that are known here: none is made up.
std::vector<Cell> info_cells(const Snapshot& snapshot);

}  // namespace kerbgate::admin
