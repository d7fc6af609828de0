// Everything as one JSON object: /stats.json.
#include <boost/json.hpp>

#include "admin/render.hpp"
#include "login/ticket.hpp"

namespace kerbgate::admin {
namespace {

namespace json = boost::json;

std::int64_t unix_time(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

json::object object_of(const RateFact& rate) { return {{"now", rate.now}, {"max", rate.max}}; }
json::object object_of(const TimeFact& time) { return {{"mean", time.mean}, {"max", time.max}}; }

json::object object_of(const std::vector<std::pair<std::string, std::uint64_t>>& counts) {
  json::object out;
  for (const auto& [name, count] : counts) out[name] = count;
  return out;
}

json::array array_of(const std::vector<stats::Sample>& history) {
  json::array out;
  for (const stats::Sample& s : history)
    out.push_back({{"time", s.time},
                   {"seconds", s.seconds},
                   {"sessions", s.sessions},
                   {"queued", s.queued},
                   {"connections", s.connections},
                   {"logins", s.logins},
                   {"refused", s.refused},
                   {"bytes_in", s.bytes_in},
                   {"bytes_out", s.bytes_out}});
  return out;
}

json::object object_of(const ListenerFacts& listener) {
  return {{"name", listener.name},         {"address", listener.address},    {"current", listener.current},
          {"most", listener.most},         {"limit", listener.limit},        {"total", listener.total},
          {"bytes_in", listener.bytes_in}, {"bytes_out", listener.bytes_out}};
}

json::object object_of(const FrontFacts& front) {
  json::array listeners;
  for (const ListenerFacts& listener : front.listeners) listeners.push_back(object_of(listener));
  return {{"status", front.status},
          {"current", front.current},
          {"most", front.most},
          {"limit", front.limit},
          {"total", front.total},
          {"bytes_in", front.bytes_in},
          {"bytes_out", front.bytes_out},
          {"denied", front.denied},
          {"request_errors", front.request_errors},
          {"denied_connections", front.denied_connections},
          {"denied_sessions", front.denied_sessions},
          {"rate", object_of(front.rate)},
          {"logins",
           {{"taken", front.logins.taken},
            {"refused", front.logins.refused},
            {"refusals", object_of(front.logins.refusals)},
            {"openings", object_of(front.logins.openings)}}},
          {"listeners", std::move(listeners)},
          {"history", array_of(front.history)}};
}

json::object object_of(const ServingFacts& facts) {
  return {{"status", facts.status},
          {"queued", facts.queued},
          {"queued_most", facts.queued_most},
          {"current", facts.current},
          {"most", facts.most},
          {"limit", facts.limit},
          {"total", facts.total},
          {"balanced", facts.balanced},
          {"bytes_in", facts.bytes_in},
          {"bytes_out", facts.bytes_out},
          {"failed_connections", facts.failed_connections},
          {"failed_responses", facts.failed_responses},
          {"retries", facts.retries},
          {"redispatches", facts.redispatches},
          {"client_aborts", facts.client_aborts},
          {"server_aborts", facts.server_aborts},
          {"weight", facts.weight},
          {"user_weight", facts.user_weight},
          {"active", facts.active},
          {"backup", facts.backup},
          {"downs", facts.downs},
          {"last_change", facts.last_change},
          {"downtime", facts.downtime},
          {"last_session", facts.last_session},
          {"rate", object_of(facts.rate)},
          {"queue_ms", object_of(facts.queue_ms)},
          {"connect_ms", object_of(facts.connect_ms)},
          {"total_ms", object_of(facts.total_ms)},
          {"history", array_of(facts.history)}};
}

json::object object_of(const ServerFacts& server) {
  json::object out = object_of(static_cast<const ServingFacts&>(server));
  out["name"] = server.name;
  out["id"] = server.id;
  out["host"] = server.host;
  out["port"] = server.port;
  out["addresses"] = json::value_from(server.addresses);
  out["up"] = server.up;
  out["admin"] = server.admin;
  out["checked"] = server.checked;
  out["is_backup"] = server.backup_server;
  out["queue_limit"] = server.queue_limit;
  out["configured_weight"] = server.configured_weight;
  out["throttle"] = server.throttle;
  out["failed_checks"] = server.failed_checks;
  if (server.check)
    out["check"] = {{"status", server.check->status},
                    {"words", server.check->words},
                    {"code", server.check->code},
                    {"info", server.check->info},
                    {"milliseconds", server.check->milliseconds},
                    {"health", server.check->health},
                    {"rise", server.rise},
                    {"fall", server.fall},
                    {"time", unix_time(server.check->time)}};
  for (const stats::CoordinatorCheck& look : server.looks) {
    json::object one{{"state", check::deep_word(look.state)},
                     {"passed", look.passed},
                     {"found", look.found},
                     {"cause", look.cause},
                     {"remedy", look.remedy},
                     {"ticket", look.ticket},
                     {"milliseconds", look.took.count()},
                     {"time", unix_time(look.when)}};
    if (!look.good_ticket.empty())
      one["accepted"] = {{"ticket", look.good_ticket}, {"time", unix_time(look.good_when)}};
    if (look.queries) one["queries"] = *look.queries;
    out[look.kind == stats::CoordinatorCheck::Kind::login ? "kerberos_check" : "impala_check"] = std::move(one);
  }
  out["passed_over"] = object_of(server.passed_over);
  json::array keys;
  for (const stats::KeySeen& key : server.keys)
    keys.push_back({{"kvno", key.kvno},
                    {"enctype", login::enctype_words(key.enctype)},
                    {"logins", key.logins},
                    {"time", unix_time(key.last)}});
  out["keys_taken"] = std::move(keys);
  if (server.last_passed_over)
    out["last_passed_over"] = {{"outcome", server.last_passed_over->outcome},
                               {"words", server.last_passed_over->words},
                               {"time", unix_time(server.last_passed_over->time)}};
  return out;
}

json::object object_of(const BackFacts& back) {
  json::object out = object_of(static_cast<const ServingFacts&>(back));
  out["balance"] = back.balance;
  out["denied"] = back.denied;
  json::array servers;
  for (const ServerFacts& server : back.servers) servers.push_back(object_of(server));
  out["servers"] = std::move(servers);
  return out;
}

json::object object_of(const ProcessFacts& process) {
  return {{"version", process.version},
          {"node", process.node},
          {"description", process.description},
          {"pid", process.pid},
          {"threads", process.threads},
          {"started", unix_time(process.started)},
          {"uptime", process.uptime},
          {"current", process.current},
          {"most", process.most},
          {"limit", process.limit},
          {"listeners", process.listeners},
          {"total", process.total},
          {"bytes_in", process.bytes_in},
          {"bytes_out", process.bytes_out},
          {"dropped_logs", process.dropped_logs},
          {"reloads", process.reloads},
          {"open_files", process.open_files},
          {"rate", object_of(process.rate)},
          {"stopping", process.stopping},
          {"history", array_of(process.history)}};
}

json::object object_of(const stats::NameState& state) {
  static constexpr const char* kSeverities[] = {"note", "warning", "error"};
  json::array addresses, views, findings;
  for (const AddressName& address : state.report.addresses)
    addresses.push_back({{"address", address.address.str()}, {"ptr", address.ptr}, {"answered", address.answered}});
  for (const ClientView& view : state.report.views)
    views.push_back({{"setting", view.setting},
                     {"principal", view.principal},
                     {"in_keytab", state.keytab.empty() ? json::value() : json::value(view.in_keytab)}});
  for (const Finding& finding : state.report.findings)
    findings.push_back({{"severity", kSeverities[std::size_t(finding.severity)]}, {"text", finding.text}});
  return {
      {"fqdn", state.report.fqdn}, {"service", state.service},          {"keytab", state.keytab},
      {"kvno", state.kvno},        {"refused", state.report.refused()}, {"addresses", std::move(addresses)},
      {"views", std::move(views)}, {"findings", std::move(findings)},   {"troubles", json::value_from(state.troubles)}};
}

json::array array_of(const std::vector<stats::Tally::Row>& rows) {
  json::array out;
  for (const stats::Tally::Row& row : rows)
    out.push_back({{"principal", row.name},
                   {"current", row.current},
                   {"total", row.total},
                   {"refused", row.refused},
                   {"bytes_in", row.bytes_in},
                   {"bytes_out", row.bytes_out}});
  return out;
}

json::array array_of(const std::vector<stats::Refusal>& refusals) {
  json::array out;
  for (const stats::Refusal& refusal : refusals)
    out.push_back({{"time", unix_time(refusal.time)},
                   {"client", refusal.client},
                   {"port", refusal.port},
                   {"frontend", refusal.frontend},
                   {"backend", refusal.backend},
                   {"asked", refusal.asked},
                   {"user", refusal.user},
                   {"cause", refusal.cause == login::Cause::none ? "" : login::words(refusal.cause).name},
                   {"words", refusal.words}});
  return out;
}

}  // namespace

std::string json(const Snapshot& snapshot) {
  json::array sections;
  for (const Section& section : snapshot.sections) {
    json::object one{{"name", section.name}, {"id", section.id}, {"description", section.description}};
    if (section.front) one["frontend"] = object_of(*section.front);
    if (section.back) one["backend"] = object_of(*section.back);
    sections.push_back(std::move(one));
  }
  json::array names;
  for (const stats::NameState& name : snapshot.names.names) names.push_back(object_of(name));
  return json::serialize(json::object{{"taken", unix_time(snapshot.taken)},
                                      {"process", object_of(snapshot.process)},
                                      {"sections", std::move(sections)},
                                      {"kerberos",
                                       {{"dns_check", snapshot.names.mode},
                                        {"checked", unix_time(snapshot.names.checked)},
                                        {"names", std::move(names)}}},
                                      {"refusals", array_of(snapshot.refusals)},
                                      {"asked", array_of(snapshot.asked)},
                                      {"users", array_of(snapshot.users)}});
}

}  // namespace kerbgate::admin
