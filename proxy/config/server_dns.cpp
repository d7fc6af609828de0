#include "config/server_dns.hpp"

#include <algorithm>

#include "kerbgate/resolver.hpp"

namespace kerbgate::config {
namespace {

/// Calls `each` for the parts between commas.
template <class Each>
void each_part(const Word& word, Each each) {
  std::size_t from = 0;
  for (;;) {
    const std::size_t comma = word.text.find(',', from);
    each(Word{word.text.substr(from, comma - from), word.column + static_cast<int>(from)});
    if (comma == std::string::npos) return;
    from = comma + 1;
  }
}

/// Impala is asked for all of its coordinators, and for nothing else.
void know_coordinators(const Config& config, Backend& backend, Report& report) {
  for (Server& server : backend.servers) {
    const auto section = config.resolvers.find(server.resolvers);
    if (section == config.resolvers.end() || section->second.impala.empty()) continue;
    server.by_impala = true;
    if (server.host == kCoordinators) continue;
    if (report.first("impala " + server.host + " in " + backend.name))
      report.say(Level::alert, server.at,
                 "'server " + backend.name + '/' + server.name + "' : resolvers " + quoted(server.resolvers) +
                     " asks Impala, which lists its coordinators: write 'coordinators:" +
                     std::to_string(server.port == 0 ? 21050 : server.port) + "', not " + quoted(server.host));
  }
}

}  // namespace

void set_resolve_prefer(const OptionUse<Server>& use) {
  const std::string& family = use.args[0].text;
  if (family != "ipv4" && family != "ipv6")
    return use.place.alert(use.args[0], "supports 'ipv4' and 'ipv6', not " + quoted(family));
  use.target.prefer_ipv4 = family == "ipv4";
}

void set_resolve_opts(const OptionUse<Server>& use) {
  each_part(use.args[0], [&use](const Word& part) {
    if (part.text == "allow-dup-ip")
      use.target.allow_dup_ip = true;
    else if (part.text == "prevent-dup-ip")
      use.target.allow_dup_ip = false;
    else if (part.text == "ignore-weight")
      use.target.ignore_weight = true;
    else
      use.place.alert(part, "supports allow-dup-ip, prevent-dup-ip and ignore-weight, not " + quoted(part.text));
  });
}

// The first method that cannot fail ends the list.
void set_init_addr(const OptionUse<Server>& use) {
  Server& to = use.target;
  to.init_libc = false;
  to.init_address.clear();
  bool ended = false;
  each_part(use.args[0], [&](const Word& part) {
    if (part.text == "last") {
      if (use.place.report.first("note init-addr last"))
        use.place.say(Level::note, part, "'last' does nothing here: there is no state file");
    } else if (part.text == "libc") {
      to.init_libc |= !ended;
    } else if (part.text == "none") {
      ended = true;
    } else if (const Result<IpAddress> address = IpAddress::parse(part.text); address) {
      if (!ended) to.init_address = address->str();
      ended = true;
    } else {
      use.place.alert(part, "unknown init-addr method " + quoted(part.text) +
                                ", supported methods are 'libc', 'last', 'none' and an address");
    }
  });
}

void check_resolvers(const Draft& draft, Config& config, Report& report) {
  for (auto& [name, section] : config.resolvers)
    if (!section.impala.empty()) section.fill_in_for_impala();
  for (Backend& backend : config.backends) know_coordinators(config, backend, report);
  std::vector<std::string_view> known;
  for (const Resolvers& section : draft.resolvers) {
    known.emplace_back(section.name);
    if (section.nameservers.empty() && !section.system && section.impala.empty())
      report.say(Level::warning, section.at,
                 "resolvers " + quoted(section.name) +
                     " has no nameservers: add 'nameserver ID ADDRESS', 'parse-resolv-conf', or 'impala-backends ID "
                     "URL'");
  }
  for (const Proxy& proxy : draft.proxies) {
    for (const Server& server : proxy.servers) {
      const std::string who = "'server " + proxy.name + '/' + server.name + "' : ";
      const bool found = std::find(known.begin(), known.end(), server.resolvers) != known.end();
      // As in HAProxy, `default` is there without being written.
      if (!server.resolvers.empty() && server.resolvers != "default" && !found &&
          report.first("resolvers " + server.resolvers + " in " + proxy.name))
        report.say(Level::alert, server.at,
                   who + "unable to find required resolvers " + quoted(server.resolvers) +
                       did_you_mean(server.resolvers, known));
      if (server.is_srv() && server.resolvers.empty() && report.first("srv " + server.host + " in " + proxy.name))
        report.say(Level::alert, server.at,
                   who + quoted(server.host) +
                       " is the name of an SRV record, which the system does not look up: add 'resolvers NAME'");
    }
  }
}

}  // namespace kerbgate::config
