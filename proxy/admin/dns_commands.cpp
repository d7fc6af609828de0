// Commands about names that are looked up while the proxy runs.
#include <algorithm>

#include "admin/command.hpp"
#include "config/address.hpp"

namespace kerbgate::admin {
namespace {

/// HAProxy's fields; those of what is not told apart here are 0.
std::string text_of(const stats::Nameserver& server) {
  const stats::NameserverCounts& counts = server.counts;
  std::string out = " nameserver " + server.id + ":\n";
  const auto line = [&out](std::string_view name, std::uint64_t count) {
    out += "  " + std::string(name) + ':' + std::string(12 - name.size(), ' ') + std::to_string(count) + '\n';
  };
  line("sent", counts.sent);
  line("snd_error", counts.send_error);
  line("valid", counts.valid);
  line("update", counts.update);
  line("cname", 0);
  line("cname_error", 0);
  line("any_err", 0);
  line("nx", counts.nx);
  line("timeout", counts.timeout);
  line("refused", counts.refused);
  line("other", counts.other);
  line("invalid", counts.invalid);
  line("too_big", 0);
  line("truncated", 0);
  line("outdated", counts.outdated);
  if (!server.answer.empty()) out += "  answer:      " + log::printable(server.answer, 1000) + '\n';
  return out;
}

void show_resolvers(Call call) {
  std::string out, section;
  for (const stats::Nameserver& server : call.site.nameservers()) {
    if (!call.arg(0).empty() && server.section != call.arg(0)) continue;
    if (server.section != section) out += "Resolvers section " + server.section + '\n';
    section = server.section;
    out += text_of(server);
  }
  if (!out.empty()) return call.reply(out);
  call.reply(call.arg(0).empty() ? "No resolvers found\n" : "Can't find that resolvers section\n");
}

using enum RuntimeLevel;

constexpr Command kRows[] = {
    {"show resolvers", "show resolvers [<section>]",
     "what became of the questions to nameservers and to Impala's web pages", user, show_resolvers},
};

}  // namespace

std::string change_name(const Call& call, const ServerPlace& place) {
  const std::string name = call.arg(2);
  if (name.empty()) return "set server <b>/<s> fqdn requires a FQDN.\n";
  if (place.conf().is_srv()) return "set server <b>/<s> fqdn failed because SRV resolution is configured.\n";
  if (place.conf().by_impala) return "set server <b>/<s> fqdn failed because Impala names the servers here.\n";
  if (place.conf().resolvers.empty()) return "set server <b>/<s> fqdn failed because no resolution is configured.\n";
  const Result<std::string> host = config::parse_host(name);
  if (!host || host->starts_with('_') || IpAddress::parse(*host))
    return "invalid fqdn '" + log::printable(name, 100) + "'\n";
  const std::string title = place.backend->conf.name + '/' + place.server().name;
  std::string before = place.server().moved->host();
  if (before.empty()) before = place.conf().host;
  if (before == *host) return "no need to change the FDQN by 'stats socket command'\n";
  const std::string text = title + " changed its FQDN from " + before + " to " + *host + " by 'stats socket command'\n";
  if (place.backend->logger) place.backend->logger->send(log::Priority::notice, text.substr(0, text.size() - 1));
  call.site.rename(place.backend->conf.name, place.server().name, *host);
  return text;
}

std::span<const Command> dns_commands() { return kRows; }

}  // namespace kerbgate::admin
