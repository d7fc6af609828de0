#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "commands/output.hpp"
#include "commands/plan_run.hpp"
#include "counted.hpp"

namespace kerbgate::commands {
namespace {

namespace json = boost::json;
using plan::HostPlan;
using plan::State;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

const char* word(State state) {
  switch (state) {
    case State::created:
      return "new";
    case State::changed:
      return "changed";
    case State::unchanged:
      return "unchanged";
    case State::failed:
      return "failed";
  }
  return "";
}

/// "keytab changed: +impala/lb@R kvno 4 (...)"; empty: it did not.
std::string keytab_part(const HostPlan& host) {
  if (!host.keytab_changed) return {};
  std::vector<std::string> what;
  if (!host.key_changes.empty()) what.push_back(plan::change_text(host.key_changes));
  if (!host.dress_change.empty()) what.push_back("was of " + host.dress_change);
  return what.empty() ? "keytab written anew: it was damaged, or an entry stood twice"
                      : "keytab changed: " + joined(what);
}

std::string story(const HostPlan& host) {
  const std::string sources = " from " + joined(host.sources);
  switch (host.state) {
    case State::created:
      return "new, " + counted(host.entries, "entry", "entries") + sources;
    case State::unchanged:
      return "unchanged";
    case State::failed:
      return host.has_earlier_plan ? "FAILED; what an earlier plan made stays, and is old" : "FAILED";
    case State::changed:
      break;
  }
  const std::string keys = keytab_part(host);
  const std::string flags = host.new_flags.empty() ? "" : "flags changed: " + joined(host.new_flags);
  return keys + (keys.empty() || flags.empty() ? "" : "; ") + flags;
}

std::size_t count(const PlanReport& report, State state) {
  return static_cast<std::size_t>(std::ranges::count(report.hosts, state, &HostPlan::state));
}

void print_proxy(const PlanReport& report, std::ostream& out) {
  const plan::Shared& shared = report.shared;
  out << "proxy " << shared.names.proxy.str() << ": ";
  if (shared.proxy_missing) {
    out << "no key\n";
    return;
  }
  std::vector<keytab::Entry> keys;
  for (const auto& list : shared.proxy.lists) {
    for (const keytab::Entry& entry : list) keys.push_back(entry.copy());
  }
  out << plan::keys_text(keys) << " from " << joined(shared.proxy.files) << '\n';
  for (const std::string& one : report.proxy_left_out) out << "  left out " << one << '\n';
}

std::string sum(const PlanReport& report) {
  std::string out = counted(report.all, "host") + ": ";
  std::vector<std::string> parts;
  for (const State state : {State::created, State::changed, State::unchanged, State::failed}) {
    if (const std::size_t n = count(report, state); n > 0) parts.push_back(std::to_string(n) + " " + word(state));
  }
  if (report.hosts.size() < report.all) {
    parts.push_back(std::to_string(report.all - report.hosts.size()) + " not looked at");
  }
  return out + joined(parts) +
         (report.shared.dry_run ? "; nothing was written (--dry-run)" : "; in " + report.shared.out);
}

json::array strings(const std::vector<std::string>& words) { return json::array(words.begin(), words.end()); }

json::array changes_json(const std::vector<plan::KeyChange>& changes) {
  json::array out;
  for (const plan::KeyChange& change : changes) {
    out.push_back(json::object{{"change", plan::change_word(change.kind)},
                               {"principal", change.principal.printable()},
                               {"kvno", change.kvno},
                               {"enctype", keytab::enctype_name(change.enctype)},
                               {"enctype_number", change.enctype}});
  }
  return out;
}

json::object host_json(const HostPlan& host) {
  json::object out{{"host", host.host},
                   {"state", word(host.state)},
                   {"keytab", host.keytab},
                   {"entries", host.entries},
                   {"keytab_changed", host.keytab_changed},
                   {"key_changes", changes_json(host.key_changes)},
                   {"flagfiles", strings(host.flagfiles)},
                   {"flagfiles_changed", strings(host.new_flags)},
                   {"sources", strings(host.sources)},
                   {"left_out", strings(host.left_out)},
                   {"left_over", strings(host.left_over)},
                   {"earlier_plan", host.has_earlier_plan},
                   {"error", nullptr}};
  if (host.error) out["error"] = host.error->what;
  return out;
}

}  // namespace

void print_plan(const PlanReport& report, std::ostream& out) {
  print_proxy(report, out);
  for (const HostPlan& host : report.hosts) {
    out << host.host << ": " << story(host) << '\n';
    for (const std::string& one : host.left_out) out << "  left out " << one << '\n';
    if (!host.left_over.empty()) out << "  of an earlier plan, not removed: " << joined(host.left_over) << '\n';
  }
  for (const std::string& host : report.left_over) {
    out << report.shared.out << "/" << host << ": no longer in the inventory, not removed\n";
  }
  out << sum(report) << '\n';
}

void print_plan_json(const PlanReport& report, std::ostream& out) {
  const plan::Shared& shared = report.shared;
  json::array hosts;
  for (const HostPlan& host : report.hosts) hosts.push_back(host_json(host));
  json::object proxy{{"name", shared.names.proxy.str()},
                     {"sources", strings(shared.proxy.files)},
                     {"left_out", strings(report.proxy_left_out)},
                     {"error", nullptr}};
  if (shared.proxy_missing) proxy["error"] = shared.proxy_missing->what;
  print_json(out, json::object{{"out", shared.out},
                               {"dry_run", shared.dry_run},
                               {"proxy", std::move(proxy)},
                               {"hosts", std::move(hosts)},
                               {"not_looked_at", report.all - report.hosts.size()},
                               {"left_over", strings(report.left_over)},
                               {"new", count(report, State::created)},
                               {"changed", count(report, State::changed)},
                               {"unchanged", count(report, State::unchanged)},
                               {"failed", count(report, State::failed)}});
}

}  // namespace kerbgate::commands
