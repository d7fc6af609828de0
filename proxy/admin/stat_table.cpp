// The rows of `show stat`.
#include <algorithm>
#include <map>

#include "admin/table.hpp"

namespace kerbgate::admin {
namespace {

struct Column {
  std::string_view name;
  /// Frontend, Listener, Server, Backend: who has it; a small letter, where it is set.
  std::string_view kinds;
  Type type;
  std::string_view tag, backend_tag;
};

constexpr Column kColumns[] = {
    {"pxname", "FLSB", Type::text, "KNS", "KNS"},
    {"svname", "FLSB", Type::text, "KNS", "KNS"},
    {"qcur", "SB", Type::u32, "MGP", "MGP"},
    {"qmax", "SB", Type::u32, "MMP", "MMP"},
    {"scur", "FLSB", Type::u32, "MGP", "MGP"},
    {"smax", "FLSB", Type::u32, "MMP", "MMP"},
    {"slim", "FLsB", Type::u32, "CLP", "CLP"},
    {"stot", "FLSB", Type::u64, "MCP", "MCP"},
    {"bin", "FLSB", Type::u64, "MCP", "MCP"},
    {"bout", "FLSB", Type::u64, "MCP", "MCP"},
    {"dreq", "FLB", Type::u64, "MCP", "MCP"},
    {"dresp", "FLSB", Type::u64, "MCP", "MCP"},
    {"ereq", "FL", Type::u64, "MCP", "MCP"},
    {"econ", "SB", Type::u64, "MCP", "MCP"},
    {"eresp", "SB", Type::u64, "MCP", "MCP"},
    {"wretr", "SB", Type::u64, "MCP", "MCP"},
    {"wredis", "SB", Type::u64, "MCP", "MCP"},
    {"status", "FLSB", Type::text, "SGP", "SGP"},
    {"weight", "SB", Type::u32, "MaP", "MaP"},
    {"act", "SB", Type::u32, "SGP", "MGP"},
    {"bck", "SB", Type::u32, "SGP", "MGP"},
    {"chkfail", "s", Type::u64, "MCP", "MCP"},
    {"chkdown", "sB", Type::u64, "MCP", "MCP"},
    {"lastchg", "SB", Type::u32, "MAP", "MAP"},
    {"downtime", "sB", Type::u32, "MCP", "MCP"},
    {"qlimit", "s", Type::u32, "CGS", "CGS"},
    {"pid", "FLSB", Type::u32, "KGP", "KGP"},
    {"iid", "FLSB", Type::u32, "KGS", "KGS"},
    {"sid", "FLSB", Type::u32, "KGS", "KGS"},
    {"throttle", "s", Type::u32, "MaP", "MaP"},
    {"lbtot", "SB", Type::u64, "MCP", "MCP"},
    {"tracked", "s", Type::text, "CNS", "CNS"},
    {"type", "FLSB", Type::u32, "CGS", "CGS"},
    {"rate", "FSB", Type::u32, "MRP", "MGP"},
    {"rate_lim", "F", Type::u32, "CLP", "CLP"},
    {"rate_max", "FSB", Type::u32, "MMP", "MGP"},
    {"check_status", "s", Type::text, "MOP", "MOP"},
    {"check_code", "", Type::u32, "MCP", "MCP"},
    {"check_duration", "s", Type::u64, "MDP", "MDP"},
    {"hrsp_1xx", "", Type::u32, "MCP", "MCP"},
    {"hrsp_2xx", "", Type::u32, "MCP", "MCP"},
    {"hrsp_3xx", "", Type::u32, "MCP", "MCP"},
    {"hrsp_4xx", "", Type::u32, "MCP", "MCP"},
    {"hrsp_5xx", "", Type::u32, "MCP", "MCP"},
    {"hrsp_other", "", Type::u32, "MCP", "MCP"},
    {"hanafail", "", Type::u32, "MCP", "MCP"},
    {"req_rate", "F", Type::u32, "MRP", "MRP"},
    {"req_rate_max", "F", Type::u32, "MMP", "MMP"},
    {"req_tot", "F", Type::u64, "MCP", "MCP"},
    {"cli_abrt", "SB", Type::u64, "MCP", "MCP"},
    {"srv_abrt", "SB", Type::u64, "MCP", "MCP"},
    {"comp_in", "FB", Type::u64, "MCP", "MCP"},
    {"comp_out", "FB", Type::u64, "MCP", "MCP"},
    {"comp_byp", "FB", Type::u64, "MCP", "MCP"},
    {"comp_rsp", "FB", Type::u64, "MCP", "MCP"},
    {"lastsess", "SB", Type::s32, "MAP", "MAP"},
    {"last_chk", "s", Type::text, "MOP", "MOP"},
    {"last_agt", "", Type::u32, "MCP", "MCP"},
    {"qtime", "SB", Type::u32, "MaP", "MaP"},
    {"ctime", "SB", Type::u32, "MaP", "MaP"},
    {"rtime", "SB", Type::u32, "MaP", "MaP"},
    {"ttime", "SB", Type::u32, "MaP", "MaP"},
    {"agent_status", "", Type::u32, "MCP", "MCP"},
    {"agent_code", "", Type::u32, "MCP", "MCP"},
    {"agent_duration", "", Type::u32, "MCP", "MCP"},
    {"check_desc", "s", Type::text, "MOP", "MOP"},
    {"agent_desc", "", Type::u32, "MCP", "MCP"},
    {"check_rise", "s", Type::u32, "CGS", "CGS"},
    {"check_fall", "s", Type::u32, "CGS", "CGS"},
    {"check_health", "s", Type::u32, "CGS", "CGS"},
    {"agent_rise", "", Type::u32, "MCP", "MCP"},
    {"agent_fall", "", Type::u32, "MCP", "MCP"},
    {"agent_health", "", Type::u32, "MCP", "MCP"},
    {"addr", "ls", Type::text, "CGS", "CGS"},
    {"cookie", "", Type::u32, "MCP", "MCP"},
    {"mode", "FLSB", Type::text, "CGS", "CGS"},
    {"algo", "B", Type::text, "CGS", "CGS"},
    {"conn_rate", "F", Type::u32, "MRP", "MRP"},
    {"conn_rate_max", "F", Type::u32, "MMP", "MMP"},
    {"conn_tot", "F", Type::u64, "MCP", "MCP"},
    {"intercepted", "", Type::u32, "MCP", "MCP"},
    {"dcon", "FL", Type::u64, "MCP", "MCP"},
    {"dses", "FL", Type::u64, "MCP", "MCP"},
    {"wrew", "FLSB", Type::u64, "MCP", "MCP"},
    {"connect", "SB", Type::u64, "MCP", "MCP"},
    {"reuse", "SB", Type::u64, "MCP", "MCP"},
    {"cache_lookups", "", Type::u32, "MCP", "MCP"},
    {"cache_hits", "", Type::u32, "MCP", "MCP"},
    {"srv_icur", "S", Type::u32, "MGP", "MGP"},
    {"src_ilim", "", Type::u32, "MCP", "MCP"},
    {"qtime_max", "SB", Type::u32, "MMP", "MMP"},
    {"ctime_max", "SB", Type::u32, "MMP", "MMP"},
    {"rtime_max", "SB", Type::u32, "MMP", "MMP"},
    {"ttime_max", "SB", Type::u32, "MMP", "MMP"},
    {"eint", "FLSB", Type::u64, "MCP", "MCP"},
    {"idle_conn_cur", "S", Type::u32, "MGP", "MGP"},
    {"safe_conn_cur", "S", Type::u32, "MGP", "MGP"},
    {"used_conn_cur", "S", Type::u32, "MGP", "MGP"},
    {"need_conn_est", "S", Type::u32, "MGP", "MGP"},
    {"uweight", "SB", Type::u32, "MaP", "MaP"},
    {"agg_server_status", "B", Type::u32, "MGP", "MGP"},
    {"agg_server_check_status", "B", Type::u32, "MGP", "MGP"},
    {"agg_check_status", "B", Type::u32, "MGP", "MGP"},
    {"ssl_sess", "FLSB", Type::u64, "MCP", "MCP"},
    {"ssl_reused_sess", "FLSB", Type::u64, "MCP", "MCP"},
    {"ssl_failed_handshake", "FLSB", Type::u64, "MCP", "MCP"},
    {"h2_headers_rcvd", "FB", Type::u64, "MCP", "MCP"},
    {"h2_data_rcvd", "FB", Type::u64, "MCP", "MCP"},
    {"h2_settings_rcvd", "FB", Type::u64, "MCP", "MCP"},
    {"h2_rst_stream_rcvd", "FB", Type::u64, "MCP", "MCP"},
    {"h2_goaway_rcvd", "FB", Type::u64, "MCP", "MCP"},
    {"h2_detected_conn_protocol_errors", "FB", Type::u64, "MCP", "MCP"},
    {"h2_detected_strm_protocol_errors", "FB", Type::u64, "MCP", "MCP"},
    {"h2_rst_stream_resp", "FB", Type::u64, "MCP", "MCP"},
    {"h2_goaway_resp", "FB", Type::u64, "MCP", "MCP"},
    {"h2_open_connections", "FB", Type::u64, "MGP", "MGP"},
    {"h2_backend_open_streams", "FB", Type::u64, "MGP", "MGP"},
    {"h2_total_connections", "FB", Type::u64, "MCP", "MCP"},
    {"h2_backend_total_streams", "FB", Type::u64, "MCP", "MCP"},
    {"h1_open_connections", "FB", Type::u64, "MGP", "MGP"},
    {"h1_open_streams", "FB", Type::u64, "MGP", "MGP"},
    {"h1_total_connections", "FB", Type::u64, "MCP", "MCP"},
    {"h1_total_streams", "FB", Type::u64, "MCP", "MCP"},
    {"h1_bytes_in", "FB", Type::u64, "MCP", "MCP"},
    {"h1_bytes_out", "FB", Type::u64, "MCP", "MCP"},
    {"h1_spliced_bytes_in", "FB", Type::u64, "MCP", "MCP"},
    {"h1_spliced_bytes_out", "FB", Type::u64, "MCP", "MCP"},
};

const std::map<std::string_view, std::size_t>& places() {
  static const std::map<std::string_view, std::size_t> kPlaces = [] {
    std::map<std::string_view, std::size_t> out;
    for (std::size_t i = 0; i < std::size(kColumns); ++i) out[kColumns[i].name] = i;
    return out;
  }();
  return kPlaces;
}

char letter(RowKind kind) { return "FBSL"[std::size_t(kind)]; }

/// One row while it is filled.
class Filling {
 public:
  Filling(RowKind kind, const Section& section, std::string_view name, std::uint32_t sid) : set_(std::size(kColumns)) {
    row_.kind = kind;
    row_.iid = section.id;
    row_.sid = sid;
    row_.cells.resize(std::size(kColumns));
    for (std::size_t i = 0; i < std::size(kColumns); ++i) set_[i] = kColumns[i].kinds.find(letter(kind)) < 5;
    text("pxname", section.name);
    text("svname", name);
    number("pid", 1);
    number("iid", section.id);
    number("sid", sid);
    number("type", std::int64_t(kind));
    text("mode", section.mode);
  }

  void number(std::string_view column, std::uint64_t value) { at(column).number = std::int64_t(value); }
  void signed_number(std::string_view column, std::int64_t value) { at(column).number = value; }
  void text(std::string_view column, std::string_view value) { at(column).text = value; }

  Row done() && {
    Row out{row_.kind, row_.iid, row_.sid, {}};
    for (std::size_t i = 0; i < std::size(kColumns); ++i) {
      if (!set_[i]) continue;
      const Column& column = kColumns[i];
      Cell& cell = out.cells.emplace_back(std::move(row_.cells[i]));
      cell.name = column.name;
      cell.place = int(i);
      cell.tag = row_.kind == RowKind::backend ? column.backend_tag : column.tag;
      cell.type = column.type;
    }
    return out;
  }

 private:
  Cell& at(std::string_view column) {
    const std::size_t place = places().at(column);
    set_[place] = true;
    return row_.cells[place];
  }
  Row row_;
  std::vector<bool> set_;
};

Row front_row(const Section& section) {
  const FrontFacts& front = *section.front;
  Filling row(RowKind::frontend, section, "FRONTEND", 0);
  row.number("scur", front.current);
  row.number("smax", front.most);
  row.number("slim", front.limit);
  row.number("stot", front.total);
  row.number("bin", front.bytes_in);
  row.number("bout", front.bytes_out);
  row.number("dreq", front.denied);
  row.number("ereq", front.request_errors);
  row.text("status", front.status);
  row.number("rate", front.rate.now);
  row.number("rate_max", front.rate.max);
  row.number("conn_rate", front.rate.now);
  row.number("conn_rate_max", front.rate.max);
  row.number("conn_tot", front.total + front.denied_connections);
  row.number("dcon", front.denied_connections);
  row.number("dses", front.denied_sessions);
  return std::move(row).done();
}

Row listener_row(const Section& section, const ListenerFacts& listener, std::uint32_t sid) {
  Filling row(RowKind::listener, section, listener.name, sid);
  row.number("scur", listener.current);
  row.number("smax", listener.most);
  row.number("slim", listener.limit);
  row.number("stot", listener.total);
  row.number("bin", listener.bytes_in);
  row.number("bout", listener.bytes_out);
  row.text("status", listener.limit != 0 && listener.current >= listener.limit ? "FULL" : section.front->status);
  row.text("addr", listener.address);
  return std::move(row).done();
}

void fill(Filling& row, const ServingFacts& facts) {
  row.number("qcur", facts.queued);
  row.number("qmax", facts.queued_most);
  row.number("scur", facts.current);
  row.number("smax", facts.most);
  row.number("stot", facts.total);
  row.number("bin", facts.bytes_in);
  row.number("bout", facts.bytes_out);
  row.number("econ", facts.failed_connections);
  row.number("eresp", facts.failed_responses);
  row.number("wretr", facts.retries);
  row.number("wredis", facts.redispatches);
  row.text("status", facts.status);
  row.number("weight", facts.weight);
  row.number("uweight", facts.user_weight);
  row.number("act", facts.active);
  row.number("bck", facts.backup);
  row.signed_number("lastchg", facts.last_change);
  row.number("lbtot", facts.balanced);
  row.number("rate", facts.rate.now);
  row.number("rate_max", facts.rate.max);
  row.number("cli_abrt", facts.client_aborts);
  row.number("srv_abrt", facts.server_aborts);
  row.signed_number("lastsess", facts.last_session);
  row.number("qtime", facts.queue_ms.mean);
  row.number("qtime_max", facts.queue_ms.max);
  row.number("ctime", facts.connect_ms.mean);
  row.number("ctime_max", facts.connect_ms.max);
  row.number("ttime", facts.total_ms.mean);
  row.number("ttime_max", facts.total_ms.max);
  row.number("connect", facts.balanced);
}

void fill_check(Filling& row, const ServerFacts& server) {
  row.number("chkfail", server.failed_checks);
  row.number("chkdown", server.downs);
  row.signed_number("downtime", server.downtime);
  if (server.admin == "maint") return;
  row.number("check_rise", std::uint64_t(server.rise));
  row.number("check_fall", std::uint64_t(server.fall));
  if (!server.check) {
    row.text("check_status", "INI");
    row.text("check_desc", "Initializing");
    row.number("check_health", std::uint64_t(server.rise));
    return;
  }
  row.text("check_status", server.check->status);
  if (server.check->code >= 0) row.number("check_code", std::uint64_t(server.check->code));
  row.text("last_chk", server.check->info);
  row.text("check_desc", server.check->words);
  row.number("check_duration", std::uint64_t(std::max<std::int64_t>(server.check->milliseconds, 0)));
  row.number("check_health", std::uint64_t(server.check->health));
}

Row server_row(const Section& section, const ServerFacts& server) {
  Filling row(RowKind::server, section, server.name, server.id);
  fill(row, server);
  if (server.limit != 0) row.number("slim", server.limit);
  if (server.queue_limit != 0) row.number("qlimit", server.queue_limit);
  if (server.throttle < 100) row.number("throttle", server.throttle);
  if (server.checked) fill_check(row, server);
  if (!server.tracked.empty()) row.text("tracked", server.tracked);
  row.text("addr", server.addresses.empty() ? "" : server.addresses.front());
  row.number("used_conn_cur", server.current);
  return std::move(row).done();
}

Row back_row(const Section& section) {
  const BackFacts& back = *section.back;
  Filling row(RowKind::backend, section, "BACKEND", 0);
  fill(row, back);
  row.number("slim", back.limit);
  row.number("dreq", back.denied);
  row.number("chkdown", back.downs);
  row.signed_number("downtime", back.downtime);
  row.text("algo", back.balance);
  return std::move(row).done();
}

bool wanted(const Selection& selection, RowKind kind, std::uint32_t sid) {
  static constexpr int kBits[] = {1, 2, 4, 8};
  if (selection.type >= 0 && (selection.type & kBits[std::size_t(kind)]) == 0) return false;
  return selection.sid < 0 || selection.sid == std::int64_t(sid);
}

bool wanted(const Selection& selection, const ServerFacts& server) {
  const bool maint = server.admin == "maint";
  if (selection.without_maint && maint) return false;
  return !selection.up_only || (server.up && !maint);
}

void add_section(std::vector<Row>& out, const Section& section, const Selection& selection) {
  if (section.front && wanted(selection, RowKind::frontend, 0)) out.push_back(front_row(section));
  if (section.front && section.front->socket_stats)
    for (std::uint32_t sid = 0; const ListenerFacts& listener : section.front->listeners)
      if (wanted(selection, RowKind::listener, ++sid)) out.push_back(listener_row(section, listener, sid));
  if (!section.back) return;
  for (const ServerFacts& server : section.back->servers)
    if (wanted(selection, RowKind::server, server.id) && wanted(selection, server))
      out.push_back(server_row(section, server));
  if (wanted(selection, RowKind::backend, 0)) out.push_back(back_row(section));
}

}  // namespace

std::vector<Row> stat_rows(const Snapshot& snapshot, const Selection& selection) {
  std::vector<Row> out;
  for (const Section& section : snapshot.sections)
    if (selection.iid < 0 || selection.iid == std::int64_t(section.id)) add_section(out, section, selection);
  return out;
}

std::vector<std::string_view> stat_columns() {
  std::vector<std::string_view> out;
  for (const Column& column : kColumns) out.push_back(column.name);
  return out;
}

}  // namespace kerbgate::admin
