#include "page/document.hpp"

#include <algorithm>

#include "page/chart.hpp"
#include "page/form.hpp"
#include "page/parts.hpp"
#include "page/text.hpp"

namespace kerbgate::page {
namespace {

/// A small chart for each server of more would make the page heavy.
constexpr std::size_t kSparksBelow = 120;

std::string per_second(double value) { return count(std::uint64_t(value + 0.5)) + "/s"; }
std::string bytes_per_second(double value) { return bytes(std::uint64_t(value + 0.5)) + "/s"; }
std::string plain(double value) { return count(std::uint64_t(value + 0.5)); }

double rate(std::uint64_t total, const stats::Sample& sample) {
  return double(total) / double(std::max<std::uint32_t>(sample.seconds, 1));
}

bool any_server_up(const admin::Snapshot& snapshot) {
  return std::any_of(snapshot.sections.begin(), snapshot.sections.end(), [](const admin::Section& section) {
    return section.back && section.back->active + section.back->backup != 0;
  });
}

std::string node_of(const admin::Snapshot& snapshot, const View& view) {
  if (!view.settings.show_node) return {};
  return view.settings.node.empty() ? snapshot.process.node : view.settings.node;
}

void write_head(std::string& out, const admin::Snapshot& snapshot, const View& view) {
  const std::string node = node_of(snapshot, view);
  const bool well = any_server_up(snapshot) && !snapshot.process.stopping;
  out +=
      "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width, "
      "initial-scale=1\"><meta name=color-scheme content=\"light dark\"><meta name=robots content=noindex><title>" +
      (node.empty() ? "" : escaped(node, 80) + " · ") + "kerbgate</title>";
  if (const auto refresh = std::chrono::duration_cast<std::chrono::seconds>(view.settings.refresh).count(); refresh > 0)
    out += "<noscript><meta http-equiv=refresh content=" + std::to_string(refresh) + "></noscript>";
  out += "<style nonce=\"" + view.nonce + "\">" + std::string(style()) + "</style></head><body";
  if (view.settings.refresh.count() > 0) out += " data-refresh=" + std::to_string(view.settings.refresh.count());
  out += "><main id=main><header><h1>kerbgate";
  if (!node.empty()) out += " <span>" + escaped(node, 80) + "</span>";
  out += "</h1><span class=\"pill " + std::string(well ? "up" : "down") + "\">" +
         (snapshot.process.stopping ? "stopping"
          : well                    ? "serving"
                                    : "no server") +
         "</span>";
  if (view.settings.show_description) {
    const std::string& text =
        view.settings.description.empty() ? snapshot.process.description : view.settings.description;
    out += "<p class=desc>" + escaped(text) + "</p>";
  }
  out += "<p class=facts>";
  if (!view.settings.hide_version) out += "version " + escaped(snapshot.process.version) + " · ";
  out += "pid " + std::to_string(snapshot.process.pid) + " · " + std::to_string(snapshot.process.threads) +
         (snapshot.process.threads == 1 ? " thread" : " threads") + " · up " + duration(snapshot.process.uptime) +
         " · " + count(snapshot.process.reloads) + (snapshot.process.reloads == 1 ? " reload" : " reloads") +
         "</p></header>\n";
}

void write_notice(std::string& out, const View& view) {
  const std::string_view words = notice_words(view.notice);
  if (words.empty()) return;
  out += "<p class=\"notice " + std::string(view.notice == "DONE" ? "ok" : "problem") + "\" role=status>" +
         std::string(words) + " <a href=\"" + escaped(view.path) + "\">close</a></p>\n";
}

void write_foot(std::string& out, const admin::Snapshot& snapshot, const View& view) {
  const std::string path = escaped(view.path);
  out += "<footer><span>" + moment(snapshot.taken, snapshot.taken) + "</span><nav><a href=\"" + path +
         ";csv\">CSV</a><a href=\"/stats.json\">JSON</a><a href=\"/metrics\">Prometheus</a></nav></footer></main>"
         "<script nonce=\"" +
         view.nonce + "\">" + std::string(script()) + "</script></body></html>\n";
}

}  // namespace

void narrow(admin::Snapshot& snapshot, const View& view) {
  const auto& scope = view.settings.scope;
  if (scope.empty()) return;
  const auto hidden = [&](const std::string& section) {
    return std::none_of(scope.begin(), scope.end(), [&](const std::string& name) {
      return name == section || (name == "." && section == view.section);
    });
  };
  std::erase_if(snapshot.sections, [&](const admin::Section& section) { return hidden(section.name); });
  std::erase_if(snapshot.refusals, [&](const stats::Refusal& refusal) { return hidden(refusal.frontend); });
  snapshot.asked.clear();
  snapshot.users.clear();
}

void write_charts(std::string& out, const admin::Snapshot& snapshot) {
  const admin::ProcessFacts& process = snapshot.process;
  const std::int64_t now = std::chrono::system_clock::to_time_t(snapshot.taken);
  const auto& samples = process.history;
  const stats::Sample last = samples.empty() ? stats::Sample{} : samples.back();
  std::uint64_t logins = 0, refused = 0;
  for (const stats::Sample& sample : samples) {
    logins += sample.logins;
    refused += sample.refused;
  }
  out += "<section class=charts aria-label=\"The last hour\">";
  out += chart({"Connections", count(process.current) + " of " + count(process.limit), plain}, samples, now,
               {{"connections", 1, [](const stats::Sample& s) { return double(s.sessions); }}});
  out += chart({"New connections", per_second(process.rate.now), per_second}, samples, now,
               {{"new", 1, [](const stats::Sample& s) { return rate(s.connections, s); }}});
  out += chart({"Bytes", bytes_per_second(rate(last.bytes_in + last.bytes_out, last)), bytes_per_second, true}, samples,
               now,
               {{"out", 1, [](const stats::Sample& s) { return rate(s.bytes_out, s); }},
                {"in", 2, [](const stats::Sample& s) { return rate(s.bytes_in, s); }}});
  out += chart({"Logins, last hour", count(logins) + (refused == 0 ? "" : ", " + count(refused) + " refused"), plain},
               samples, now,
               {{"taken", 3, [](const stats::Sample& s) { return double(s.logins); }},
                {"refused", 4, [](const stats::Sample& s) { return double(s.refused); }}});
  out += "</section>\n";
}

void write_attention(std::string& out, const admin::Snapshot& snapshot) {
  constexpr std::size_t kNamed = 8;
  std::string items;
  std::size_t down = 0, servers = 0;
  for (const admin::Section& section : snapshot.sections) {
    if (!section.back) continue;
    const admin::BackFacts& back = *section.back;
    if (!back.servers.empty() && back.active + back.backup == 0)
      items += "<li class=error><b>" + escaped(section.name, 120) + "</b> has no server that takes connections.</li>";
    for (const admin::ServerFacts& server : back.servers) {
      ++servers;
      if (server.up || server.admin == "maint") continue;
      if (++down > kNamed) continue;
      std::string why = server.addresses.empty() ? "its name has no address" : "";
      if (why.empty() && server.check)
        why = server.check->words + (server.check->info.empty() ? "" : ": " + server.check->info);
      items += "<li class=error><b>" + escaped(section.name + '/' + server.name, 200) + "</b> is down for " +
               duration(server.last_change) + (why.empty() ? "" : ": " + escaped(why)) + "</li>";
    }
  }
  if (down > kNamed) items += "<li class=error>and " + count(down - kNamed) + " more servers are down</li>";
  for (const stats::NameState& state : snapshot.names.names)
    for (const Finding& finding : state.report.findings)
      if (finding.severity == Severity::error) items += "<li class=error>" + escaped(finding.text, 1000) + "</li>";
  if (!items.empty()) {
    out += "<ul class=attention aria-label=\"What needs a look\">" + items + "</ul>\n";
  } else if (servers != 0) {
    out +=
        "<p class=fine>" +
        (servers == 1 ? std::string("The server is in service") : "All " + count(servers) + " servers are in service") +
        (snapshot.names.names.empty() ? "" : ", and clients can use the name") + ".</p>\n";
  }
}

std::string document(const admin::Snapshot& snapshot, const View& view) {
  std::string out;
  std::size_t servers = 0;
  for (const admin::Section& section : snapshot.sections) servers += section.back ? section.back->servers.size() : 0;
  out.reserve(32'000 + servers * 1'800);
  const std::int64_t now = std::chrono::system_clock::to_time_t(snapshot.taken);
  write_head(out, snapshot, view);
  write_notice(out, view);
  write_attention(out, snapshot);
  write_charts(out, snapshot);
  for (const admin::Section& section : snapshot.sections) {
    const bool empty = !section.front && (!section.back || section.back->servers.empty());
    if (!empty) write_section(out, section, view, now, servers < kSparksBelow);
  }
  if (view.settings.show_legends) write_legend(out);
  write_names(out, snapshot);
  write_refusals(out, snapshot);
  write_principals(out, snapshot);
  write_foot(out, snapshot, view);
  return out;
}

}  // namespace kerbgate::page
