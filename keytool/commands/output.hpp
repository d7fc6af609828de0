#pragma once

#include <boost/json/value.hpp>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command.hpp"

namespace kerbgate::commands {

/// `value` with two blanks a level and a newline at the end. Keys keep their order.
void print_json(std::ostream& out, const boost::json::value& value);

enum class Paint { bold, red, green, yellow };

/// `text` in that paint where the environment has colours, as it is elsewhere.
std::string painted(const Environment& environment, Paint paint, std::string_view text);

/// Columns of text, two blanks apart, no blanks at the end of a line. Cells are printed as they are: what came from a
/// file goes through Principal::printable() first.
class TextTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string head;
    Align align = Align::left;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as there are columns.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  /// The heads, then the rows.
  void print(std::ostream& out) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace kerbgate::commands
