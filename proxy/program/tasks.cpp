// What the proxy does besides serving.
#include <boost/version.hpp>
#include <iostream>

#include "keeper/lookup.hpp"
#include "keeper/keeper.hpp"
#include "keeper/names.hpp"
#include "keeper/privileges.hpp"
#include "program/loading.hpp"
#include "program/start.hpp"

namespace kerbgate::program {
namespace {

void warn(const CommandLine& line, const std::string& text) {
  if (!line.quiet) std::cerr << "[WARNING]  : " << text << '\n';
}

}  // namespace

int check(const CommandLine& line) {
  std::optional<Loaded> loaded = load(line);
  if (!loaded) return 1;
  const config::Config* const config = &loaded->config;
  std::size_t warnings = loaded->warnings;
  if (const Result<keeper::Identity> identity = keeper::identity_of(config->global); !identity) {
    ++warnings;
    warn(line, "config : " + identity.error().what + "; the start will fail");
  }
  std::vector<std::string> hosts;
  for (const config::Backend& backend : config->backends)
    for (const config::Server& server : backend.servers) hosts.push_back(server.host);
  const keeper::Resolved resolved = keeper::resolve_all(hosts, resolver(), keeper::Keeper::kLookups);
  for (const config::Backend& backend : config->backends)
    for (const config::Server& server : backend.servers)
      if (resolved.failures.contains(server.host)) {
        ++warnings;
        warn(line, "config : 'server " + backend.name + '/' + server.name + "' : could not resolve address '" +
                       server.host + "'; it will be down until a reload finds it");
      }
  for (const keeper::Notice& notice : keeper::check_names(*config, resolver(), keeper::Keeper::kLookups).notices)
    if (notice.priority <= log::Priority::warning) {
      ++warnings;
      warn(line, "names : " + notice.text + (notice.priority == log::Priority::alert ? "; the start will fail" : ""));
    }
  if (!line.quiet)
    std::cout << "Configuration file is valid" << (warnings == 0 ? "" : ", with " + std::to_string(warnings) + (warnings == 1 ? " warning" : " warnings"))
              << '\n';
  return 0;
}

int check_names(const CommandLine& line) {
  CommandLine quiet = line;
  quiet.quiet = true;
  std::optional<Loaded> loaded = load(quiet);
  if (!loaded) return 1;
  config::Config* const config = &loaded->config;
  const std::vector<keeper::NameToCheck> names = keeper::names_of(*config);
  if (names.empty()) {
    std::cerr << "proxy: no name to check: the configuration has no `kerberos fqdn`\n";
    return 1;
  }
  config->global.dns_check = config::DnsCheck::strict;
  const keeper::NameVerdict verdict = keeper::check_names(*config, resolver(), keeper::Keeper::kLookups);
  for (const NameReport& report : verdict.reports) {
    const bool with_keytab = std::any_of(names.begin(), names.end(), [&](const keeper::NameToCheck& name) {
      return name.fqdn == report.fqdn && !name.keytab.empty();
    });
    std::cout << keeper::describe(report, with_keytab);
  }
  for (const keeper::Notice& notice : verdict.notices)
    std::cout << (notice.priority == log::Priority::alert     ? "FAIL  "
                  : notice.priority == log::Priority::warning ? "WARN  "
                                                              : "note  ")
              << notice.text << '\n';
  return verdict.refused ? 1 : 0;
}

int run(int argc, const char* const* argv) {
  Result<CommandLine> line = parse_command_line(argc, argv);
  if (!line) {
    std::cerr << "proxy: " << line.error().what << "\nTry 'proxy --help'.\n";
    return 1;
  }
  switch (line->task) {
    case CommandLine::Task::help: std::cout << usage(); return 0;
    case CommandLine::Task::version: std::cout << "kerbgate-proxy version " KERBGATE_VERSION "\n"; return 0;
    case CommandLine::Task::build_info:
      std::cout << "kerbgate-proxy version " KERBGATE_VERSION "\nBuilt with " __VERSION__ ", Boost " BOOST_LIB_VERSION "\n";
      return 0;
    case CommandLine::Task::check: return check(*line);
    case CommandLine::Task::check_names: return check_names(*line);
    case CommandLine::Task::run: break;
  }
  return serve(*line);
}

}  // namespace kerbgate::program
