// Names, refusals, principals.
#include <algorithm>
#include <ctime>
#include <map>

#include "admin/remedy.hpp"
#include "login/refusal.hpp"
#include "page/parts.hpp"
#include "page/text.hpp"

namespace kerbgate::page {
namespace {

using WallTime = std::chrono::system_clock::time_point;

constexpr std::size_t kRefusalsShown = 25, kPrincipalsShown = 20;
constexpr const char* kSeverities[] = {"note", "warning", "error"};

std::string td(const std::string& content) { return "<td>" + content + "</td>"; }
std::string number(std::uint64_t value) {
  return "<td class=n data-v=\"" + std::to_string(value) + "\">" + (value == 0 ? "<s>0</s>" : count(value)) + "</td>";
}

std::tm local(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm out{};
  ::localtime_r(&seconds, &out);
  return out;
}

void write_name(std::string& out, const stats::NameState& state) {
  const NameReport& report = state.report;
  const char* worst = report.refused()                                      ? "down"
                      : !report.findings.empty() || !state.troubles.empty() ? "falling"
                                                                            : "up";
  out += "<div class=fqdn><h3><span class=\"pill " + std::string(worst) + "\">" +
         (worst[0] == 'u'   ? "agrees"
          : worst[0] == 'd' ? "refused"
                            : "warning") +
         "</span> " + escaped(state.service + '/' + report.fqdn, 200) + "</h3>";
  if (!state.keytab.empty())
    out += "<p>Keytab <code>" + escaped(state.keytab) + "</code>: " +
           (state.kvno == 0 ? std::string("<b class=bad>does not hold this principal</b>")
                            : "newest key version <b>" + std::to_string(state.kvno) + "</b>") +
           "</p>";
  for (const Finding& finding : report.findings)
    out += "<p class=" + std::string(kSeverities[std::size_t(finding.severity)]) + '>' + escaped(finding.text, 1000) +
           "</p>";
  for (const std::string& trouble : state.troubles) out += "<p class=warning>" + escaped(trouble, 1000) + "</p>";
  if (!report.views.empty()) {
    out += "<div class=scroll><table><thead><tr><th>Clients with<th>ask the KDC for" +
           std::string(state.keytab.empty() ? "" : "<th>Keytab") + "</tr></thead><tbody>";
    for (const ClientView& view : report.views)
      out += "<tr>" + td("<code>" + escaped(view.setting) + "</code>") + td(escaped(view.principal)) +
             td(state.keytab.empty() ? ""
                : view.in_keytab     ? "has it"
                                     : "<b class=bad>lacks it</b>") +
             "</tr>";
    out += "</tbody></table></div>";
  }
  if (!report.addresses.empty()) {
    out += "<p class=addresses>";
    for (const AddressName& address : report.addresses)
      out += "<code>" + escaped(address.address.str()) + "</code> " +
             (!address.answered     ? "no answer"
              : address.ptr.empty() ? "no PTR"
                                    : "PTR " + escaped(address.ptr, 200)) +
             ' ';
    out += "</p>";
  }
  out += "</div>";
}

std::map<std::string, std::uint64_t> by_reason(const admin::Snapshot& snapshot) {
  std::map<std::string, std::uint64_t> out;
  for (const admin::Section& section : snapshot.sections)
    if (section.front)
      for (const auto& [name, count] : section.front->logins.refusals) out[name] += count;
  return out;
}

void write_reasons(std::string& out, const std::map<std::string, std::uint64_t>& reasons) {
  std::vector<std::pair<std::uint64_t, std::string>> rows;
  for (const auto& [name, count] : reasons) rows.emplace_back(count, name);
  std::sort(rows.rbegin(), rows.rend());
  out += "<div class=scroll><table class=reasons><thead><tr><th>Reason<th class=n>Clients<th></tr></thead><tbody>";
  for (const auto& [count, name] : rows)
    out += "<tr>" + td("<code>" + escaped(name) + "</code>") + number(count) +
           "<td class=share><svg class=bar viewBox=\"0 0 100 4\" preserveAspectRatio=none aria-hidden=true><rect "
           "class=b2 width=" +
           std::to_string(std::max<std::uint64_t>(count * 100 / rows.front().first, 1)) +
           " height=4 /></svg></td></tr>";
  out += "</tbody></table></div>";
}

/// The same client for the same reason: one entry with a number.
bool is_again(const stats::Refusal& a, const stats::Refusal& b) {
  return a.client == b.client && a.frontend == b.frontend && a.cause == b.cause && a.asked == b.asked &&
         a.user == b.user && a.words == b.words;
}

void write_refusal(std::string& out, const stats::Refusal& refusal, std::size_t times,
                   const admin::Snapshot& snapshot) {
  const WallTime now = snapshot.taken;
  out += "<li><p class=who><time>" + moment(refusal.time, now) + "</time> <code>" + escaped(refusal.client) +
         "</code> at " + escaped(refusal.frontend, 120) + " <code class=reason>" +
         escaped(login::words(refusal.cause).name) + "</code>";
  if (times > 1) out += " <b>\u00d7 " + std::to_string(times) + "</b>";
  if (!refusal.user.empty()) out += " user <b>" + escaped(refusal.user, 200) + "</b>";
  if (!refusal.asked.empty()) out += " with a ticket for <b>" + escaped(refusal.asked, 200) + "</b>";
  out += "</p><p>" + escaped(refusal.words, 1200) + "</p>";
  if (const auto remedy = admin::remedy_of(refusal, snapshot.names))
    out += "<p class=note><b>" + escaped(remedy->cause) + "</b> " + escaped(remedy->text, 1200) + "</p>";
  out += "</li>";
}

void write_last(std::string& out, const admin::Snapshot& snapshot) {
  const auto& all = snapshot.refusals;
  out += "<h3>The last ones</h3><ol class=refusals>";
  std::size_t at = 0;
  for (std::size_t shown = 0; at < all.size() && shown < kRefusalsShown; ++shown) {
    std::size_t end = at + 1;
    while (end < all.size() && is_again(all[at], all[end])) ++end;
    write_refusal(out, all[at], end - at, snapshot);
    at = end;
  }
  out += "</ol>";
  if (at < all.size())
    out += "<p class=none>" + std::to_string(all.size() - at) +
           " earlier ones: <code>why</code> on the runtime socket.</p>";
}

void write_tally(std::string& out, const char* title, const char* who, const std::vector<stats::Tally::Row>& rows) {
  if (rows.empty()) return;
  out += "<div><h3>" + std::string(title) + "</h3><div class=scroll><table class=people><thead><tr><th>" + who +
         "<th class=n>Now<th class=n>Total<th class=n>Refused<th class=n>In<th class=n>Out</tr></thead><tbody>";
  for (std::size_t i = 0; i < std::min(rows.size(), kPrincipalsShown); ++i) {
    const stats::Tally::Row& row = rows[i];
    out += "<tr><th scope=row>" + escaped(row.name, 200) + "</th>" + number(row.current) + number(row.total) +
           number(row.refused) + "<td class=n>" + bytes(row.bytes_in) + "</td><td class=n>" + bytes(row.bytes_out) +
           "</td></tr>";
  }
  out += "</tbody></table></div>";
  if (rows.size() > kPrincipalsShown)
    out += "<p class=none>and " + std::to_string(rows.size() - kPrincipalsShown) + " more</p>";
  out += "</div>";
}

}  // namespace

std::string moment(std::chrono::system_clock::time_point time, std::chrono::system_clock::time_point now) {
  const std::tm then = local(time), today = local(now);
  const bool same_day = then.tm_yday == today.tm_yday && then.tm_year == today.tm_year;
  char text[40];
  return std::string(text, std::strftime(text, sizeof text, same_day ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &then));
}

void write_names(std::string& out, const admin::Snapshot& snapshot) {
  const stats::NameStates& names = snapshot.names;
  if (names.names.empty() && names.mode.empty()) return;
  out += "<section class=card id=kerberos><h2>Names and Kerberos";
  if (!names.names.empty())
    out += " <span class=sub>checked " + moment(names.checked, snapshot.taken) + ", dns-check " + escaped(names.mode) +
           "</span>";
  out += "</h2>";
  if (names.names.empty())
    out += names.mode == "off"
               ? "<p class=none>The names are not checked (dns-check off).</p>"
               : "<p class=none>No <code>kerberos fqdn</code> in the configuration: logins pass unread.</p>";
  for (const stats::NameState& state : names.names) write_name(out, state);
  out += "</section>\n";
}

void write_refusals(std::string& out, const admin::Snapshot& snapshot) {
  const auto reasons = by_reason(snapshot);
  out += "<section class=card id=refusals><h2>Refused clients</h2>";
  if (reasons.empty() && snapshot.refusals.empty()) {
    out += "<p class=none>Nobody was refused since the proxy started.</p></section>\n";
    return;
  }
  if (!reasons.empty()) write_reasons(out, reasons);
  if (!snapshot.refusals.empty()) write_last(out, snapshot);
  out += "</section>\n";
}

void write_principals(std::string& out, const admin::Snapshot& snapshot) {
  if (snapshot.asked.empty() && snapshot.users.empty()) return;
  out += "<section class=card id=principals><h2>Principals</h2><div class=columns>";
  write_tally(out, "Users", "Client principal", snapshot.users);
  write_tally(out, "Tickets", "For the service principal", snapshot.asked);
  out += "</div></section>\n";
}

}  // namespace kerbgate::page
