// What the proxy does besides serving.
#include <boost/version.hpp>
#include <iostream>

#include "keeper/lookup.hpp"
#include "keeper/keeper.hpp"
#include "keeper/names.hpp"
#include "keeper/privileges.hpp"
#include "program/start.hpp"

namespace kerbgate::program {
namespace {

SystemResolver& resolver() {
  static SystemResolver instance;
  return instance;
}

void warn(const CommandLine& line, const std::string& text) {
  if (!line.quiet) std::cerr << "[WARNING]  : " << text << '\n';
}

/// Reads, parses and says what is wrong; nothing when it is not right.
std::optional<config::Config> load_aloud(const CommandLine& line, std::size_t& warnings) {
  Result<std::vector<config::SourceText>> texts = keeper::read_texts(line.sources);
  if (!texts) {
    std::cerr << "[ALERT]    : " << texts.error().what << '\n';
    return std::nullopt;
  }
  config::Parsed parsed = keeper::parse(line.sources, *texts);
  std::size_t alerts = 0;
  for (const config::Diagnostic& diagnostic : parsed.diagnostics) {
    alerts += diagnostic.level == config::Level::alert;
    warnings += diagnostic.level == config::Level::warning;
    if (!line.quiet || diagnostic.level == config::Level::alert) std::cerr << diagnostic.str();
  }
  if (parsed.ok()) return std::move(parsed.config);
  std::cerr << "[ALERT]    : config : " << alerts << (alerts == 1 ? " error" : " errors") << " in the configuration\n";
  return std::nullopt;
}

}  // namespace

int check(const CommandLine& line) {
  std::size_t warnings = 0;
  const std::optional<config::Config> config = load_aloud(line, warnings);
  if (!config) return 1;
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
  std::size_t warnings = 0;
  std::optional<config::Config> config = load_aloud(quiet, warnings);
  if (!config) return 1;
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
