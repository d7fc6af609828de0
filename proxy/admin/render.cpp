#include "admin/render.hpp"

#include <array>
#include <boost/json.hpp>

namespace kerbgate::admin {
namespace {

/// HAProxy's quoting: a text with a quote, a comma or a line break stands between quotes.
std::string csv_text(const std::string& text) {
  if (text.find_first_of("\",\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

/// HAProxy's csv has a column "-" before those of its modules.
constexpr int kFirstOfModules = 103;

constexpr const char* type_word(Type type) {
  constexpr std::array<const char*, 4> kWords{"u32", "u64", "s32", "str"};
  return kWords[std::size_t(type)];
}

std::string tail(const Cell& cell) {
  return ".1:" + std::string(cell.tag) + ':' + type_word(cell.type) + ':' + cell.str() + '\n';
}

constexpr const char* origin_word(char c) {
  switch (c) {
    case 'M':
      return "Metric";
    case 'S':
      return "Status";
    case 'K':
      return "Key";
    case 'C':
      return "Config";
    case 'P':
      return "Product";
    default:
      return "Unknown";
  }
}

constexpr const char* nature_word(char c) {
  switch (c) {
    case 'A':
      return "Age";
    case 'C':
      return "Counter";
    case 'D':
      return "Duration";
    case 'G':
      return "Gauge";
    case 'L':
      return "Limit";
    case 'M':
      return "Max";
    case 'm':
      return "Min";
    case 'N':
      return "Name";
    case 'O':
      return "Output";
    case 'R':
      return "Rate";
    case 'a':
      return "Avg";
    default:
      return "Unknown";
  }
}

constexpr const char* scope_word(char c) { return c == 'P' ? "Process" : c == 'S' ? "Service" : "Unknown"; }

std::string quoted(std::string_view text) { return boost::json::serialize(boost::json::string(text)); }

std::string json_cell(const Cell& cell) {
  return "\"field\":{\"pos\":" + std::to_string(cell.place) + ",\"name\":" + quoted(cell.name) +
         "},\"processNum\":1,\"tags\":{\"origin\":\"" + origin_word(cell.tag[0]) + "\",\"nature\":\"" +
         nature_word(cell.tag[1]) + "\",\"scope\":\"" + scope_word(cell.tag[2]) + "\"},\"value\":{\"type\":\"" +
         type_word(cell.type) +
         "\",\"value\":" + (cell.type == Type::text ? quoted(cell.text) : std::to_string(cell.number)) + '}';
}

constexpr std::array<const char*, 4> kObjects{"Frontend", "Backend", "Server", "Listener"};

}  // namespace

std::string csv(std::span<const Row> rows) {
  const std::vector<std::string_view> columns = stat_columns();
  std::string out = "# ";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i == kFirstOfModules) out += "-,";
    out += std::string(columns[i]) + ',';
  }
  out += '\n';
  for (const Row& row : rows) {
    auto cell = row.cells.begin();
    for (int place = 0; place < int(columns.size()); ++place) {
      if (place == kFirstOfModules) out += "-,";
      if (cell != row.cells.end() && cell->place == place) out += csv_text((cell++)->str());
      out += ',';
    }
    out += '\n';
  }
  return out;
}

std::string typed(std::span<const Row> rows) {
  std::string out;
  for (const Row& row : rows) {
    const std::string head = std::string(1, "FBSL"[std::size_t(row.kind)]) + '.' + std::to_string(row.iid) + '.' +
                             std::to_string(row.sid) + '.';
    for (const Cell& cell : row.cells)
      out += head + std::to_string(cell.place) + '.' + std::string(cell.name) + tail(cell);
  }
  return out;
}

std::string json(std::span<const Row> rows) {
  std::string out = "[";
  for (const Row& row : rows) {
    out += out.size() == 1 ? "[" : ",[";
    const std::string head = std::string("{\"objType\":\"") + kObjects[std::size_t(row.kind)] +
                             "\",\"proxyId\":" + std::to_string(row.iid) + ",\"id\":" + std::to_string(row.sid) + ',';
    for (const Cell& cell : row.cells) {
      if (&cell != &row.cells.front()) out += ',';
      out += head + json_cell(cell) + '}';
    }
    out += ']';
  }
  return out + ']';
}

std::string text(std::span<const Cell> info) {
  std::string out;
  for (const Cell& cell : info) out += std::string(cell.name) + ": " + cell.str() + '\n';
  return out;
}

std::string typed(std::span<const Cell> info) {
  std::string out;
  for (const Cell& cell : info) out += std::to_string(cell.place) + '.' + std::string(cell.name) + tail(cell);
  return out;
}

std::string json(std::span<const Cell> info) {
  std::string out = "[";
  for (const Cell& cell : info) {
    if (out.size() > 1) out += ',';
    out += '{' + json_cell(cell) + '}';
  }
  return out + ']';
}

}  // namespace kerbgate::admin
