// A section's card: what the frontend counts, and its servers as a table.
#include <algorithm>
#include <array>

#include "admin/remedy.hpp"
#include "page/chart.hpp"
#include "page/parts.hpp"
#include "page/text.hpp"

namespace kerbgate::page {
namespace {

using admin::BackFacts;
using admin::FrontFacts;
using admin::ServerFacts;
using admin::ServingFacts;

std::string cell(const std::string& content, const std::string& order) {
  return "<td class=n data-v=\"" + order + "\">" + content + "</td>";
}
std::string cell(std::uint64_t value) { return cell(value == 0 ? "<s>0</s>" : count(value), std::to_string(value)); }
std::string small(const std::string& text) { return "<small>" + text + "</small>"; }

/// Now, and beneath it the most there was and the limit.
std::string gauge(std::uint64_t now, std::uint64_t most, std::uint64_t limit) {
  std::string out = "<b>" + count(now) + "</b>" + (limit != 0 ? "<span class=of> / " + count(limit) + "</span>" : "");
  if (limit != 0) {
    const std::uint64_t full = std::min<std::uint64_t>(now * 100 / limit, 100);
    out +=
        "<svg class=bar viewBox=\"0 0 100 4\" preserveAspectRatio=none aria-hidden=true><rect class=b0 width=100 "
        "height=4 /><rect class=" +
        std::string(full >= 90 ? "b2" : "b1") + " width=" + std::to_string(full) + " height=4 /></svg>";
  }
  return cell(out + small("most " + count(most)), std::to_string(now));
}

std::string check_words(const ServerFacts& server, std::chrono::system_clock::time_point now) {
  if (!server.found) return "DNS has no address for it";
  if (server.addresses.empty()) return "the name " + escaped(server.host) + " has no address";
  if (!server.tracked.empty()) return "as " + escaped(server.tracked);
  if (!server.check) return server.checked ? "not checked yet" : "";
  std::string out = escaped(server.check->words);
  if (!server.check->info.empty()) out += ": " + escaped(server.check->info);
  if (server.check->milliseconds >= 0) out += " in " + std::to_string(server.check->milliseconds) + " ms";
  const auto ago = std::chrono::duration_cast<std::chrono::seconds>(now - server.check->time).count();
  if (server.check->time.time_since_epoch().count() != 0) out += ", " + duration(ago) + " ago";
  return out;
}

std::string pill(std::string_view status) {
  return "<span class=\"pill " + std::string(state_class(status)) + "\">" + escaped(status) + "</span>";
}

std::string server_state(const ServerFacts& server, std::chrono::system_clock::time_point now) {
  std::string out = "<td>" + pill(server.status) + " <span class=for>" + duration(server.last_change) + "</span>";
  if (server.throttle < 100) out += " <span class=for>slow start " + std::to_string(server.throttle) + " %</span>";
  if (const std::string words = check_words(server, now); !words.empty()) out += small(words);
  for (const stats::CoordinatorCheck& look : server.looks) {
    // What keeps it out stands above already, as the check's outcome.
    if (look.state == check::Deep::down && server.check && server.check->status == "L7RSP") continue;
    out += small(std::string(stats::kind_word(look.kind)) + ' ' + check::deep_word(look.state) + ": " +
                 escaped(stats::describe(look), 1000) + ", " + moment(look.when, now));
  }
  for (const stats::KeySeen& key : server.keys)
    out += small("took " + count(key.logins) + (key.logins == 1 ? " login" : " logins") + " with tickets of " +
                 admin::words(key) + ", last " + moment(key.last, now));
  if (server.last_passed_over)
    out += "<small class=warn>login passed over " + moment(server.last_passed_over->time, now) + ": " +
           escaped(server.last_passed_over->words) + "</small>";
  return out + "</td>";
}

std::string errors(const ServingFacts& facts) {
  const std::uint64_t sum = facts.failed_connections + facts.failed_responses;
  const std::uint64_t again = facts.retries + facts.redispatches;
  return cell((sum == 0 ? "<s>0</s>" : "<b class=bad>" + count(sum) + "</b>") +
                  (again == 0 ? "" : small(count(again) + " tried again")),
              std::to_string(sum));
}

/// The columns that servers and their sum share.
std::string counts(const ServingFacts& facts, std::uint64_t limit) {
  std::string out = gauge(facts.current, facts.most, limit);
  out += cell((facts.queued == 0 ? "<s>0</s>" : "<b>" + count(facts.queued) + "</b>") +
                  (facts.queued_most == 0 ? "" : small("most " + count(facts.queued_most))),
              std::to_string(facts.queued));
  out += cell((facts.rate.now == 0 ? "<s>0</s>" : count(facts.rate.now)) +
                  (facts.rate.max == 0 ? "" : small("most " + count(facts.rate.max))),
              std::to_string(facts.rate.now));
  out += cell(facts.total);
  out += cell(facts.bytes_in == 0 ? "<s>0 B</s>" : bytes(facts.bytes_in), std::to_string(facts.bytes_in));
  out += cell(facts.bytes_out == 0 ? "<s>0 B</s>" : bytes(facts.bytes_out), std::to_string(facts.bytes_out));
  return out + errors(facts);
}

void write_server(std::string& out, const ServerFacts& server, bool may_change, bool sparks, std::int64_t now,
                  std::chrono::system_clock::time_point taken) {
  const std::string name = escaped(server.name, 120);
  out += "<tr class=" + std::string(state_class(server.status)) + '>';
  if (may_change)
    out += "<td class=tick><input type=checkbox name=s value=\"" + escaped(server.name, std::string::npos) +
           "\" aria-label=\"" + name + "\"></td>";
  out += "<th scope=row><span class=name>" + name + "</span>" + (server.backup_server ? " <em>backup</em>" : "") +
         small(escaped(server.host + ':' + std::to_string(server.port), 120)) + "</th>";
  out += server_state(server, taken) + counts(server, server.limit);
  out +=
      cell(count(server.user_weight) +
               (server.user_weight != server.configured_weight ? small("of " + count(server.configured_weight)) : ""),
           std::to_string(server.user_weight));
  if (sparks) out += "<td class=trend>" + sparkline(server.history, now) + "</td>";
  out += "</tr>\n";
}

void write_table(std::string& out, const BackFacts& back, const View& view, std::int64_t now, bool sparks,
                 std::chrono::system_clock::time_point taken) {
  const bool may = view.may_change;
  out += "<div class=scroll><table class=\"servers" + std::string(may ? " may" : "") + "\"><thead><tr>";
  if (may) out += "<th class=tick><span class=hid>chosen</span></th>";
  out +=
      "<th>Server<th>State<th class=n>Sessions<th class=n>Queue<th class=n>Per second<th class=n>Total<th class=n>In"
      "<th class=n>Out<th class=n>Errors<th class=n>Weight";
  if (sparks) out += "<th class=trend>Trend";
  out += "</tr></thead><tbody>\n";
  for (const ServerFacts& server : back.servers) write_server(out, server, may, sparks, now, taken);
  out += "</tbody>";
  if (back.servers.size() > 1)
    out += "<tfoot><tr>" + std::string(may ? "<td></td>" : "") + "<th scope=row>All " +
           std::to_string(back.servers.size()) + "</th><td>" + pill(back.status) + ' ' + std::to_string(back.active) +
           " active" + (back.backup != 0 ? ", " + std::to_string(back.backup) + " backup" : "") + "</td>" +
           counts(back, 0) + cell(count(back.weight), std::to_string(back.weight)) + (sparks ? "<td></td>" : "") +
           "</tr></tfoot>";
  out += "</table></div>\n";
}

void write_form_end(std::string& out) {
  static constexpr std::array<std::array<const char*, 3>, 4> kActions{
      {{"drain", "Drain", "no new connections; those that are there go on"},
       {"maint", "Maintenance", "no new connections, no checks"},
       {"ready", "Ready", "in service again, as checks find it"},
       {"shutdown", "End sessions", "cuts every connection to the chosen servers"}}};
  out += "<div class=actions><span>With the chosen servers:</span>";
  for (const auto& [word, label, help] : kActions)
    out += "<button name=action value=" + std::string(word) +
           (std::string_view(word) == "shutdown" ? " class=risk" : "") + " title=\"" + help + "\">" + label +
           "</button>";
  out += "</div></form>\n";
}

void write_front(std::string& out, const FrontFacts& front) {
  out += "<p class=front>" + pill(front.status);
  for (const admin::ListenerFacts& listener : front.listeners)
    out += " <code>" + escaped(listener.address, 120) + "</code>";
  out += "<span><b>" + count(front.current) + "</b> of " + count(front.limit) + " connections, most " +
         count(front.most) + "</span><span><b>" + count(front.rate.now) + "</b>/s, most " + count(front.rate.max) +
         "</span><span><b>" + count(front.total) + "</b> in all</span><span>" + bytes(front.bytes_in) + " in, " +
         bytes(front.bytes_out) + " out</span>";
  if (front.logins.taken + front.logins.refused != 0)
    out += "<span><b>" + count(front.logins.taken) + "</b> logins, " +
           (front.logins.refused == 0 ? "none" : "<b class=bad>" + count(front.logins.refused) + "</b>") +
           " refused</span>";
  out += "</p>\n";
}

}  // namespace

std::string_view state_class(std::string_view status) {
  const bool changing = status.find('/') != std::string_view::npos;
  if (status.starts_with("UP") || status.starts_with("OPEN")) return changing ? "falling" : "up";
  if (status.starts_with("DOWN")) return changing ? "rising" : "down";
  if (status.starts_with("MAINT") || status.starts_with("STOP")) return "maint";
  if (status.starts_with("DRAIN") || status.starts_with("NOLB")) return "drain";
  if (status.starts_with("FULL")) return "falling";
  return "plain";
}

void write_section(std::string& out, const admin::Section& section, const View& view, std::int64_t now, bool sparks) {
  const std::string name = escaped(section.name, 120);
  out += "<section class=card id=\"s" + std::to_string(section.id) + "\"><h2>" + name;
  if (section.back && !section.back->servers.empty())
    out += " <span class=sub>balance " + escaped(section.back->balance) + "</span>";
  if (!section.description.empty()) out += " <span class=sub>" + escaped(section.description) + "</span>";
  out += "</h2>\n";
  if (section.front) write_front(out, *section.front);
  if (section.back) {
    const BackFacts& back = *section.back;
    if (back.servers.empty()) {
      if (!section.front) out += "<p class=none>No server is configured here.</p>";
    } else {
      if (view.may_change)
        out += "<form method=post action=\"" + escaped(view.path) + "\"><input type=hidden name=b value=\"" +
               escaped(section.name, std::string::npos) + "\"><input type=hidden name=token value=\"" +
               escaped(view.token) + "\">";
      write_table(out, back, view, now, sparks, std::chrono::system_clock::from_time_t(now));
      if (view.may_change) write_form_end(out);
    }
  }
  out += "</section>\n";
}

}  // namespace kerbgate::page
