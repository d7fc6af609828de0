// What the proxy does besides serving.
#include <net/if.h>
#include <unistd.h>

#include <boost/version.hpp>
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "explain/explain.hpp"
#include "keeper/background.hpp"
#include "keeper/keeper.hpp"
#include "keeper/lookup.hpp"
#include "keeper/names.hpp"
#include "keeper/privileges.hpp"
#include "keeper/state_file.hpp"
#include "keeper/systemd.hpp"
#include "keeper/tls_files.hpp"
#include "kerbgate/keytab.hpp"
#include "net/tls/memory.hpp"
#include "program/loading.hpp"
#include "program/start.hpp"

namespace kerbgate::program {
namespace {

constexpr const char* kStartFails = "; the start will fail";

std::vector<std::string> unresolved_names(const config::Config& config) {
  std::vector<std::string> hosts, out;
  for (const config::Backend& backend : config.backends)
    for (const config::Server& server : backend.servers)
      if (server.asks_system() && server.resolvers.empty()) hosts.push_back(server.host);
  for (const config::Frontend* frontend : keeper::listening(config))
    for (const config::Bind& bind : frontend->binds)
      if (!bind.host.empty() && bind.host != "*") hosts.push_back(bind.host);
  const keeper::Resolved resolved = keeper::resolve_all(hosts, resolver(), keeper::Keeper::kLookups);
  for (const config::Backend& backend : config.backends)
    for (const config::Server& server : backend.servers)
      if (resolved.failures.contains(server.host))
        out.push_back("config : 'server " + backend.name + '/' + server.name + "' : could not resolve address '" +
                      server.host + "'; it will be down until a reload finds it");
  for (const config::Frontend* frontend : keeper::listening(config))
    for (const config::Bind& bind : frontend->binds)
      if (resolved.failures.contains(bind.host))
        out.push_back("config : 'bind " + bind.key() + "' in '" + frontend->name + "' : could not resolve '" +
                      bind.host + '\'' + kStartFails);
  return out;
}

/// What one bind line, or a runtime socket's address, lacks on this host.
std::vector<std::string> troubles_of(const config::Bind& bind, const keeper::ServiceManager& manager) {
  std::vector<std::string> out;
  std::error_code ignored;
  const std::filesystem::path path = bind.path;
  if (path.has_parent_path() && !std::filesystem::is_directory(path.parent_path(), ignored))
    out.push_back("the folder " + path.parent_path().string() + " does not exist" + kStartFails);
  if (!path.empty() && std::filesystem::exists(path, ignored) && !std::filesystem::is_socket(path, ignored))
    out.push_back(std::string("it exists and is not a socket") + kStartFails);
  if (bind.inherited_fd >= 0 && !keeper::is_listening(bind.inherited_fd))
    out.push_back(std::string("it is no listening socket of this process") + kStartFails +
                  " unless whoever starts the proxy opens it");
  if (!bind.inherited_name.empty() && manager.sockets(bind.inherited_name).empty())
    out.push_back(std::string("no socket of that name was handed over to this process") + kStartFails +
                  " unless a socket unit has it");
  if (!bind.interface.empty() && ::if_nametoindex(bind.interface.c_str()) == 0)
    out.push_back("this host has no network interface '" + bind.interface + "' (ip link shows which)" + kStartFails);
  return out;
}

std::vector<std::string> troubles_of_binds(const config::Config& config) {
  const keeper::ServiceManager manager = keeper::ServiceManager::of_this_process();
  std::vector<std::string> out;
  for (const config::Frontend* frontend : keeper::listening(config))
    for (const config::Bind& bind : frontend->binds)
      for (const std::string& trouble : troubles_of(bind, manager))
        out.push_back("config : 'bind " + bind.key() + "' in '" + frontend->name + "' : " + trouble);
  for (const config::RuntimeSocket& socket : config.global.runtime_sockets)
    for (const std::string& trouble : troubles_of(socket.bind, manager))
      out.push_back("config : 'stats socket " + socket.bind.key() + "' : " + trouble);
  return out;
}

std::vector<std::string> troubles_of_owners(const config::Config& config) {
  std::vector<std::string> out;
  for (const config::RuntimeSocket& socket : config.global.runtime_sockets) {
    const std::string who = "config : 'stats socket " + socket.bind.key() + "' : ";
    if (!socket.user.empty())
      if (const Result<uid_t> uid = keeper::uid_of(socket.user); !uid)
        out.push_back(who + uid.error().what + kStartFails);
    if (!socket.group.empty())
      if (const Result<gid_t> gid = keeper::gid_of(socket.group); !gid)
        out.push_back(who + gid.error().what + kStartFails);
  }
  return out;
}

/// What is right in the file and wrong around it: users, folders, names. Warnings, since another host may be meant.
std::vector<std::string> troubles_around(const config::Config& config, const CommandLine& line) {
  std::vector<std::string> out;
  if (const Result<keeper::Identity> identity = keeper::identity_of(config.global); !identity)
    out.push_back("config : " + identity.error().what + kStartFails);
  const std::filesystem::path pidfile = line.pidfile.empty() ? config.global.pidfile : line.pidfile;
  std::error_code ignored;
  if (pidfile.has_parent_path() && !std::filesystem::is_directory(pidfile.parent_path(), ignored))
    out.push_back("config : the folder of the pidfile " + pidfile.string() + " does not exist" + kStartFails);
  if (const std::string& file = config.global.state_file; !file.empty())
    if (const std::string trouble = keeper::trouble_of_state_file(file); !trouble.empty())
      out.push_back("config : " + trouble);
  for (std::string& text : troubles_of_binds(config)) out.push_back(std::move(text));
  for (std::string& text : troubles_of_owners(config)) out.push_back(std::move(text));
  for (std::string& text : unresolved_names(config)) out.push_back(std::move(text));
  for (const keeper::Notice& notice : keeper::check_names(config, resolver(), keeper::Keeper::kLookups).notices)
    if (notice.priority <= log::Priority::warning)
      out.push_back("names : " + notice.text + (notice.priority == log::Priority::alert ? kStartFails : ""));
  return out;
}

}  // namespace

int check(const CommandLine& line) {
  const std::optional<Loaded> loaded = load(line);
  if (!loaded) return 1;
  std::vector<std::string> around = troubles_around(loaded->config, line);
  const keeper::TlsRead tls = keeper::read_tls(loaded->config);
  for (const std::string& error : tls.errors) std::cerr << "[ALERT]    : config : " << error << '\n';
  if (!tls.errors.empty()) return 1;
  for (const keeper::Notice& notice : tls.notices) around.push_back("tls : " + notice.text);
  if (line.quiet) return 0;
  for (const std::string& trouble : around) std::cerr << "[WARNING]  : " << trouble << '\n';
  const std::size_t warnings = loaded->warnings + around.size();
  std::cout << "Configuration file is valid";
  if (warnings != 0) std::cout << ", with " << warnings << (warnings == 1 ? " warning" : " warnings");
  std::cout << '\n';
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
  for (const stats::NameState& state : verdict.states.names)
    std::cout << stats::describe(state.report, !state.keytab.empty());
  for (const keeper::Notice& notice : verdict.notices)
    std::cout << (notice.priority == log::Priority::alert     ? "FAIL  "
                  : notice.priority == log::Priority::warning ? "WARN  "
                                                              : "note  ")
              << notice.text << '\n';
  return verdict.refused ? 1 : 0;
}

namespace {

/// Empty when it can be used.
std::string trouble_of_keytab(const std::string& file) {
  const Result<keytab::Scan> scan = keytab::read(file);
  if (!scan) return scan.error().what;
  if (scan->sound()) return "";
  return file + " is damaged at byte " + std::to_string(scan->damage.front().offset) + ": " +
         scan->damage.front().reason;
}

}  // namespace

int explain(const CommandLine& line) {
  const std::optional<Loaded> loaded = load(line);
  if (!loaded) return 1;
  const config::Config& config = loaded->config;
  explain::Outside outside;
  std::vector<std::string> hosts;
  for (const config::Backend& backend : config.backends)
    for (const config::Server& server : backend.servers)
      if (server.asks_system() && server.resolvers.empty()) hosts.push_back(server.host);
  for (const auto& [host, error] : keeper::resolve_all(hosts, resolver(), keeper::Keeper::kLookups).failures)
    outside.unresolved.emplace(host, error.what);
  for (const config::Frontend& front : config.frontends)
    if (const std::string& file = front.kerberos.keytab; !file.empty())
      if (const std::string why = trouble_of_keytab(file); !why.empty()) outside.keytabs.emplace(file, why);
  std::cout << explain::explain(config, outside);
  return 0;
}

int run(int argc, const char* const* argv) {
  net::tls::pool_record_buffers();
  Result<CommandLine> line = parse_command_line(argc, argv);
  if (!line) {
    std::cerr << "proxy: " << line.error().what << "\nTry 'proxy --help'.\n";
    return 1;
  }
  keeper::hold_standard_streams();
  if (!line->folder.empty() && ::chdir(line->folder.c_str()) != 0) {
    std::cerr << "[ALERT]    : " << system_error(errno, "change to folder " + line->folder).what << '\n';
    return 1;
  }
  switch (line->task) {
    case CommandLine::Task::help:
      std::cout << usage();
      return 0;
    case CommandLine::Task::version:
      std::cout << "kerbgate-proxy version " KERBGATE_VERSION "\n";
      return 0;
    case CommandLine::Task::build_info:
      std::cout << "kerbgate-proxy version " KERBGATE_VERSION "\nBuilt with " __VERSION__ ", Boost " BOOST_LIB_VERSION
                   "\nTLS by "
                << net::tls::library_version() << '\n';
      return 0;
    case CommandLine::Task::completion:
      std::cout << completion_script(line->shell);
      return 0;
    case CommandLine::Task::check:
      return check(*line);
    case CommandLine::Task::explain:
      return explain(*line);
    case CommandLine::Task::check_names:
      return check_names(*line);
    case CommandLine::Task::run:
      break;
  }
  try {
    return serve(*line);
  } catch (const std::system_error& failed) {
    std::cerr << "[ALERT]    : " << failed.what() << "; is the limit of open files or of memory too low (ulimit -a)?\n";
    return 1;
  }
}

}  // namespace kerbgate::program
