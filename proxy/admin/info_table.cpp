// The fields of `show info`.
#include <array>
#include <cstdio>

#include "admin/table.hpp"

namespace kerbgate::admin {
namespace {

/// "0d 0h05m44s"
std::string uptime(std::int64_t seconds) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%lldd %lldh%02lldm%02llds", static_cast<long long>(seconds / 86400),
                static_cast<long long>(seconds / 3600 % 24), static_cast<long long>(seconds / 60 % 60),
                static_cast<long long>(seconds % 60));
  return text.data();
}

struct Field {
  std::string_view name;
  int place;
  std::string_view tag;
  Type type;
  void (*fill)(const ProcessFacts&, Cell&);
};

using P = ProcessFacts;

constexpr Field kFields[] = {
    {"Name", 0, "POS", Type::text, [](const P&, Cell& c) { c.text = "kerbgate-proxy"; }},
    {"Version", 1, "POS", Type::text, [](const P& p, Cell& c) { c.text = p.version; }},
    {"Nbthread", 3, "CGS", Type::u32, [](const P& p, Cell& c) { c.number = p.threads; }},
    {"Nbproc", 4, "CGS", Type::u32, [](const P&, Cell& c) { c.number = 1; }},
    {"Process_num", 5, "KGP", Type::u32, [](const P&, Cell& c) { c.number = 1; }},
    {"Pid", 6, "SGP", Type::u32, [](const P& p, Cell& c) { c.number = p.pid; }},
    {"Uptime", 7, "MDP", Type::text, [](const P& p, Cell& c) { c.text = uptime(p.uptime); }},
    {"Uptime_sec", 8, "MDP", Type::u32, [](const P& p, Cell& c) { c.number = p.uptime; }},
    {"Ulimit-n", 13, "CLP", Type::u32, [](const P& p, Cell& c) { c.number = std::int64_t(p.open_files); }},
    {"Maxsock", 14, "CLP", Type::u32, [](const P& p, Cell& c) { c.number = std::int64_t(p.open_files); }},
    {"Maxconn", 15, "CLP", Type::u32, [](const P& p, Cell& c) { c.number = p.limit; }},
    {"Hard_maxconn", 16, "CLP", Type::u32, [](const P& p, Cell& c) { c.number = p.hard_limit; }},
    {"CurrConns", 17, "MGP", Type::u32, [](const P& p, Cell& c) { c.number = p.current; }},
    {"CumConns", 18, "MCP", Type::u32, [](const P& p, Cell& c) { c.number = std::int64_t(p.total); }},
    {"CumReq", 19, "MCP", Type::u32, [](const P& p, Cell& c) { c.number = std::int64_t(p.total); }},
    {"ConnRate", 26, "MRP", Type::u32, [](const P& p, Cell& c) { c.number = p.rate.now; }},
    {"ConnRateLimit", 27, "CLP", Type::u32, [](const P&, Cell& c) { c.number = 0; }},
    {"MaxConnRate", 28, "MMP", Type::u32, [](const P& p, Cell& c) { c.number = p.rate.max; }},
    {"SessRate", 29, "MRP", Type::u32, [](const P& p, Cell& c) { c.number = p.rate.now; }},
    {"SessRateLimit", 30, "CLP", Type::u32, [](const P&, Cell& c) { c.number = 0; }},
    {"MaxSessRate", 31, "MRP", Type::u32, [](const P& p, Cell& c) { c.number = p.rate.max; }},
    {"node", 50, "COS", Type::text, [](const P& p, Cell& c) { c.text = p.node; }},
    {"description", 51, "COS", Type::text, [](const P& p, Cell& c) { c.text = p.description; }},
    {"Stopping", 52, "MGP", Type::u32, [](const P& p, Cell& c) { c.number = p.stopping ? 1 : 0; }},
    {"Jobs", 53, "MGP", Type::u32, [](const P& p, Cell& c) { c.number = std::int64_t(p.current) + p.listeners; }},
    {"Unstoppable Jobs", 54, "MGP", Type::u32, [](const P&, Cell& c) { c.number = 0; }},
    {"Listeners", 55, "MGP", Type::u32, [](const P& p, Cell& c) { c.number = p.listeners; }},
    {"ActivePeers", 56, "MGP", Type::u32, [](const P&, Cell& c) { c.number = 0; }},
    {"ConnectedPeers", 57, "MGP", Type::u32, [](const P&, Cell& c) { c.number = 0; }},
    {"DroppedLogs", 58, "MGP", Type::u32, [](const P& p, Cell& c) { c.number = std::int64_t(p.dropped_logs); }},
    {"TotalBytesOut", 61, "MGP", Type::u64, [](const P& p, Cell& c) { c.number = std::int64_t(p.bytes_out); }},
    {"Build info", 66, "POS", Type::text, [](const P& p, Cell& c) { c.text = p.version; }},
    {"Start_time_sec", 70, "MDP", Type::u32,
     [](const P& p, Cell& c) { c.number = std::chrono::system_clock::to_time_t(p.started); }},
};

}  // namespace

std::vector<Cell> info_cells(const Snapshot& snapshot) {
  std::vector<Cell> out;
  for (const Field& field : kFields) {
    Cell cell{field.name, field.place, field.tag, field.type, 0, {}};
    field.fill(snapshot.process, cell);
    if (field.name != "description" || !cell.text.empty()) out.push_back(std::move(cell));
  }
  return out;
}

}  // namespace kerbgate::admin
