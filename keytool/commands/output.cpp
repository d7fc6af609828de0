#include "commands/output.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <ostream>

namespace kerbgate::commands {
namespace {

namespace json = boost::json;

void print_level(std::ostream& out, const json::value& value, std::size_t depth);

/// One `[...]` or `{...}`: `print_item` writes what stands between the commas.
template <class Items, class PrintItem>
void print_items(std::ostream& out, const Items& items, const char* brackets, std::size_t depth, PrintItem print_item) {
  out << brackets[0];
  bool first = true;
  for (const auto& item : items) {
    out << (first ? "\n" : ",\n") << std::string(2 * (depth + 1), ' ');
    print_item(item);
    first = false;
  }
  if (!first) out << '\n' << std::string(2 * depth, ' ');
  out << brackets[1];
}

void print_level(std::ostream& out, const json::value& value, std::size_t depth) {
  if (const auto* array = value.if_array()) {
    print_items(out, *array, "[]", depth, [&](const json::value& item) { print_level(out, item, depth + 1); });
  } else if (const auto* object = value.if_object()) {
    print_items(out, *object, "{}", depth, [&](const json::key_value_pair& pair) {
      out << json::serialize(json::string(pair.key())) << ": ";
      print_level(out, pair.value(), depth + 1);
    });
  } else {
    out << json::serialize(value);
  }
}

const char* code(Paint paint) {
  switch (paint) {
    case Paint::bold:
      return "\033[1m";
    case Paint::red:
      return "\033[31m";
    case Paint::green:
      return "\033[32m";
    case Paint::yellow:
      return "\033[33m";
  }
  return "";
}

}  // namespace

void print_json(std::ostream& out, const json::value& value) {
  print_level(out, value, 0);
  out << '\n';
}

std::string painted(const Environment& environment, Paint paint, std::string_view text) {
  return environment.colour ? code(paint) + std::string(text) + "\033[0m" : std::string(text);
}

void TextTable::print(std::ostream& out) const {
  std::vector<std::string> heads;
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) {
    heads.push_back(column.head);
    widths.push_back(column.head.size());
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  const auto print_row = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string pad(widths[i] - cells[i].size(), ' ');
      line += (i > 0 ? "  " : "") + (columns_[i].align == Align::left ? cells[i] + pad : pad + cells[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  print_row(heads);
  for (const auto& row : rows_) print_row(row);
}

}  // namespace kerbgate::commands
