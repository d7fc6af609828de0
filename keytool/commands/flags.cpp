#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "commands/cluster_options.hpp"
#include "commands/output.hpp"
#include "commands/rows.hpp"
#include "kerbgate/canonical.hpp"
#include "kerbgate/daemon_flags.hpp"
#include "settings/flags_format.hpp"
#include "text_file.hpp"

namespace kerbgate::commands {
namespace {

namespace json = boost::json;

po::options_description options() {
  po::options_description all;
  auto add = all.add_options();
  const auto text_value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  add("proxy", text_value("FQDN[:PORT]"), "name that clients connect to; the port is for cloudera-manager (21050)");
  add("host", text_value("FQDN"), "the daemon's own host");
  add("inventory", text_value("FILE"), "Ansible INI inventory, or a plain list of coordinators; - is standard input");
  add("role", text_value("ROLE"),
      "coordinator (default with --host), executor, statestored, catalogd, admissiond; with --inventory only the hosts "
      "of that role");
  add("realm", text_value("REALM"), "Kerberos realm; default: default_realm of krb5.conf");
  add("service", text_value("NAME"), "first part of the principals; default: impala (hive with --format hive-site)");
  add("keytab", text_value("PATH"),
      "keytab on the daemon's host, where the inventory has no keytab=; default: /etc/SERVICE/conf/SERVICE.keytab");
  add("format", text_value("FORMAT"), "flagfile (default), flags, shell, env, json, cloudera-manager, helm, hive-site");
  add("out", text_value("DIR"), "write DIR/HOST/DAEMON_flags for each daemon, each as one act; flagfile only");
  add("allow-proxy-host", po::bool_switch(), "accept a coordinator on a host that carries the proxy's own name");
  add("check-names", po::bool_switch(),
      "first look every name up as Kerberos clients do; exit 1, writing nothing, if one is wrong");
  add("keytab-secret", text_value("NAME"), "helm: the Secret with the keytab; default: SERVICE-keytab");
  add("krb5-configmap", text_value("NAME"), "helm: the ConfigMap with krb5.conf; default: krb5-conf");
  return all;
}

/// One daemon to write flags for.
struct Target {
  Fqdn host;
  Role role;
  std::string keytab;  ///< empty: the common one
};

struct Request {
  KerberosSetup setup;
  FlagsFormat format = FlagsFormat::flagfile;
  FormatExtras extras;
  std::vector<Target> targets;
};

Result<void> read_setup(const Values& values, Request& request) {
  const auto format = parse_flags_format(text_or(values, "format", "flagfile"));
  if (!format) return format.error();
  request.format = *format;
  KerberosSetup& setup = request.setup;
  setup.service = text_or(values, "service", *format == FlagsFormat::hive_site ? "hive" : "impala");
  setup.keytab = text_or(values, "keytab", "/etc/" + setup.service + "/conf/" + setup.service + ".keytab");
  setup.proxy_on_coordinator = values["allow-proxy-host"].as<bool>();
  if (values.count("proxy") > 0) {
    const auto proxy = endpoint(values, "proxy");
    if (!proxy) return proxy.error();
    setup.proxy = proxy->host;
    request.extras.proxy = proxy->host.str() + ":" + std::to_string(proxy->port);
  }
  request.extras.keytab_secret = text_or(values, "keytab-secret", setup.service + "-keytab");
  request.extras.krb5_configmap = text_or(values, "krb5-configmap", "krb5-conf");
  return {};
}

Result<void> add_inventory(const std::string& file, std::optional<Role> only, Environment& environment,
                           std::vector<Target>& targets) {
  const auto inventory = read_inventory(file, environment);
  if (!inventory) return inventory.error();
  for (const InventoryHost& host : inventory->hosts) {
    for (const Role role : daemons(host.roles)) {
      if (!only || *only == role) targets.push_back({host.name, role, host.keytab});
    }
  }
  if (targets.empty())
    return usage(file + " has no host whose daemon is that of --role " + std::string(role_name(*only)));
  return {};
}

Result<void> find_targets(const Values& values, Environment& environment, std::vector<Target>& targets) {
  std::optional<Role> role;
  if (values.count("role") > 0) {
    const auto parsed = parse_role(text(values, "role"));
    if (!parsed) return parsed.error();
    role = *parsed;
  }
  const bool one = values.count("host") > 0, many = values.count("inventory") > 0;
  if (one == many) {
    return usage(one ? "--host and --inventory exclude each other"
                     : "which host? give --host FQDN, or --inventory FILE for all of them");
  }
  if (many) return add_inventory(text(values, "inventory"), role, environment, targets);
  const auto host = literal_host(text(values, "host"));
  if (!host) return Error(Errc::invalid, "--host: " + host.error().what);
  targets.push_back({*host, role.value_or(Role::coordinator), ""});
  return {};
}

/// False when a name is one that clients cannot use.
bool names_agree(const Request& request, Environment& environment) {
  std::vector<std::string> names;
  if (request.setup.proxy) names.push_back(request.setup.proxy->str());
  for (const Target& target : request.targets) names.push_back(target.host.str());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  bool agree = true;
  for (const std::string& name : names) {
    const NameReport report = check_name(name, request.setup.service, environment.resolver);
    for (const Finding& finding : report.findings) {
      complain(environment, (finding.severity == Severity::error ? "" : "warning: ") + finding.text);
    }
    agree = agree && !report.refused();
  }
  return agree;
}

Result<std::vector<DaemonFlags>> all_flags(const Request& request, Environment& environment) {
  std::vector<DaemonFlags> all;
  std::vector<std::string> said;
  for (const Target& target : request.targets) {
    KerberosSetup setup = request.setup;
    if (!target.keytab.empty()) setup.keytab = target.keytab;
    auto flags = daemon_flags(setup, target.host, target.role);
    if (!flags) return flags.error();
    for (const std::string& warning : flags->warnings) {
      if (std::find(said.begin(), said.end(), warning) != said.end()) continue;
      complain(environment, "warning: " + warning);
      said.push_back(warning);
    }
    all.push_back(std::move(*flags));
  }
  return all;
}

json::object as_json(const Request& request, const std::vector<DaemonFlags>& all) {
  json::array list;
  for (const DaemonFlags& one : all) {
    json::object flags;
    for (const auto& [name, value] : one.flags) flags[name] = value;
    json::array warnings(one.warnings.begin(), one.warnings.end());
    list.push_back({{"host", one.host},
                    {"role", role_name(one.role)},
                    {"daemon", daemon_name(one.role)},
                    {"flags", flags},
                    {"warnings", warnings}});
  }
  json::object whole{{"proxy", nullptr}, {"service", request.setup.service}, {"realm", request.setup.realm}};
  if (request.setup.proxy) whole["proxy"] = request.setup.proxy->str();
  whole["daemons"] = std::move(list);
  return whole;
}

Result<Exit> print(const Request& request, const std::vector<DaemonFlags>& all, std::ostream& out) {
  if (request.format == FlagsFormat::json) {
    print_json(out, as_json(request, all));
    return Exit::ok;
  }
  std::string answer;
  for (const DaemonFlags& one : all) {
    const auto block = render(one, request.format, request.extras);
    if (!block) return block.error();
    // A YAML file that holds several is several documents.
    const char* between = request.format == FlagsFormat::helm ? "---\n" : "\n";
    if (all.size() > 1) answer += (answer.empty() ? "" : between) + heading(one, request.format);
    answer += *block;
  }
  out << answer;
  return Exit::ok;
}

Result<Exit> write_files(const Request& request, const std::vector<DaemonFlags>& all, const std::string& directory,
                         std::ostream& out) {
  if (request.format != FlagsFormat::flagfile) return usage("--out writes flagfiles: leave --format away");
  if (directory.empty()) return usage("--out needs the name of a directory");
  // All of them first: a value that is refused must not leave half of the hosts written.
  std::vector<std::pair<std::string, std::string>> files;
  for (const DaemonFlags& one : all) {
    const auto content = render(one, request.format, request.extras);
    if (!content) return content.error();
    files.emplace_back(directory + "/" + one.host + "/" + flagfile_name(one.role), *content);
  }
  for (const auto& [path, content] : files) {
    if (auto written = replace_text(path, content); !written) return written.error();
    out << path << '\n';
  }
  return Exit::ok;
}

Result<Exit> run(const Values& values, Environment& environment) {
  Request request;
  if (auto done = read_setup(values, request); !done) return done.error();
  if (auto done = find_targets(values, environment, request.targets); !done) return done.error();
  auto found = realm(values);
  if (!found) return found.error();
  request.setup.realm = std::move(*found);
  const auto all = all_flags(request, environment);
  if (!all) return all.error();
  if (values["check-names"].as<bool>() && !names_agree(request, environment)) return Exit::check_failed;
  if (values.count("out") > 0) return write_files(request, *all, text(values, "out"), environment.out);
  return print(request, *all, environment.out);
}

}  // namespace

const Command kFlags{
    "Daemons",
    "flags",
    "the Kerberos flags of every daemon, in the form that its installation reads",
    "[--proxy FQDN] (--host FQDN | --inventory FILE) [OPTION...]",
    "Writes principal, be_principal and keytab_file for each daemon. A coordinator gets the proxy's name as\n"
    "principal, so it needs --proxy, and its own as be_principal; executor, statestored, catalogd and\n"
    "admissiond get their own name alone. Names are written out, in lower case, never as _HOST: impalad\n"
    "replaces that with gethostname(), which may be short.\n"
    "\n"
    "Inventory groups: [coordinators] (or [impalad]), [executors], [statestored], [catalogd], [admissiond].\n"
    "A host that is coordinator and executor runs one impalad, with a coordinator's flags.\n"
    "\n"
    "formats:\n"
    "  flagfile          lines for impalad_flags and its like (--flagfile)\n"
    "  flags             one line of a command line\n"
    "  shell             lines for the end of /etc/default/impala\n"
    "  env               systemd's EnvironmentFile= or docker's --env-file\n"
    "  json              all of it, for machines\n"
    "  cloudera-manager  the load balancer setting and the safety valve\n"
    "  helm              values for the chart's security.kerberos\n"
    "  hive-site         HiveServer2's properties for hive-site.xml",
    "keytool flags --proxy impala.example.com --host node1.example.com --realm EXAMPLE.COM\n"
    "keytool flags --host node9.example.com --role statestored --format shell\n"
    "keytool flags --proxy impala.example.com --inventory hosts.ini --out flags --check-names\n"
    "keytool flags --proxy hive.example.com --host hs1.example.com --format hive-site",
    {},
    options,
    run};

}  // namespace kerbgate::commands
