#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>
#include <thread>

#include "commands/cluster_options.hpp"
#include "commands/keytab_combine.hpp"
#include "commands/plan_run.hpp"
#include "commands/rows.hpp"
#include "counted.hpp"
#include "plan/kadmin_script.hpp"
#include "plan/sources.hpp"

namespace kerbgate::commands {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kDefaultMode = 0400;
constexpr unsigned kMostJobs = 256;
/// Hosts wait for the disk and not for a CPU: fewer at a time would leave it idle.
constexpr unsigned kLeastJobs = 8;

po::options_description options() {
  po::options_description all;
  auto add = all.add_options();
  const auto text_value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  add("inventory", text_value("FILE")->required(),
      "Ansible INI inventory, or a plain list of coordinators; - is standard input");
  add("proxy", text_value("FQDN")->required(), "name that clients connect to");
  add("keytabs", text_value("DIR")->required(), "folder of the keytabs that the KDC's administrator exported");
  add("out", text_value("DIR"), "where DIR/HOST/ is written; made when it is not there");
  add("jobs", po::value<unsigned>()->value_name("N"),
      "hosts planned side by side; default: as many as CPUs, at least 8");
  add("dry-run", po::bool_switch(), "say what would change and write nothing");
  add("kadmin-script", po::bool_switch(),
      "print the kadmin commands that create the principals and export their keytabs without changing keys, and end");
  add("realm", text_value("REALM"), "Kerberos realm; default: default_realm of krb5.conf");
  add("service", text_value("NAME"), "first part of the principals; default: impala");
  add("keytab", text_value("PATH"),
      "keytab on the daemon's host, where the inventory has no keytab=; default: /etc/SERVICE/conf/SERVICE.keytab");
  add("owner", text_value("USER[:GROUP]"), "whose the keytabs in OUT shall be");
  add("mode", text_value("MODE"), "the keytabs' mode; default: 0400");
  add("prefer", text_value("first|last|fail"),
      "which key stays when one principal, kvno and enctype has two; default: fail");
  add("newest-kvno-only", po::bool_switch(), "keep only the newest key version of each principal");
  add("allow-proxy-host", po::bool_switch(), "accept a coordinator on a host that carries the proxy's own name");
  add("json", po::bool_switch(), "print the report as JSON");
  return all;
}

Result<void> read_merge(const Values& values, plan::Shared& shared) {
  const auto prefer = parse_prefer(text(values, "prefer"));
  if (!prefer) return prefer.error();
  shared.merge = {*prefer, values["newest-kvno-only"].as<bool>()};
  shared.write.mode = kDefaultMode;
  if (values.count("mode") > 0) {
    const auto mode = parse_mode(text(values, "mode"));
    if (!mode) return mode.error();
    shared.write.mode = *mode;
  }
  if (values.count("owner") == 0) return {};
  shared.write.owner = text(values, "owner");
  auto owner = keytab::parse_owner(*shared.write.owner);
  if (!owner) return owner.error();
  shared.owner = *owner;
  return {};
}

Result<void> read_kerberos(const Values& values, KerberosSetup& setup) {
  const auto proxy = endpoint(values, "proxy");
  if (!proxy) return proxy.error();
  setup.proxy = proxy->host;
  setup.service = text_or(values, "service", "impala");
  setup.keytab = text_or(values, "keytab", "/etc/" + setup.service + "/conf/" + setup.service + ".keytab");
  setup.proxy_on_coordinator = values["allow-proxy-host"].as<bool>();
  auto in_realm = realm(values);
  if (!in_realm) return in_realm.error();
  setup.realm = std::move(*in_realm);
  // A service, realm or path that no flag can hold is wrong for every host: said once.
  const auto tried = daemon_flags(setup, *setup.proxy, Role::executor);
  if (!tried) return tried.error();
  return {};
}

/// First labels that one name alone has.
std::set<std::string, std::less<>> single_labels(const plan::Names& names) {
  std::map<std::string, std::size_t> seen;
  for (const std::string& host : names.hosts) ++seen[host.substr(0, host.find('.'))];
  if (!names.hosts.contains(names.proxy.str())) ++seen[plan::first_label(names.proxy)];
  ++seen["proxy"];  // DIR/proxy.keytab is the proxy's
  std::set<std::string, std::less<>> out;
  for (const auto& [label, count] : seen) {
    if (count == 1) out.insert(label);
  }
  return out;
}

Result<fs::path> canonical_folder(const std::string& path, const char* option) {
  if (path.empty()) return Error(Errc::invalid, std::string(option) + " needs the name of a directory");
  std::error_code code;
  auto place = fs::weakly_canonical(fs::absolute(path, code), code);
  if (code) return system_error(code.value(), "look at " + path);
  return place;
}

bool is_within(const fs::path& inner, const fs::path& outer) {
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

/// The two folders: there, usable, and neither in the other, or a plan would read its own answer.
Result<void> prepare_folders(plan::Shared& shared) {
  const auto in = canonical_folder(shared.keytabs, "--keytabs"), out = canonical_folder(shared.out, "--out");
  if (!in) return in.error();
  if (!out) return out.error();
  std::error_code code;
  if (!fs::is_directory(*in, code)) {
    return Error(code ? system_error(code.value(), "--keytabs " + shared.keytabs)
                      : Error(Errc::not_found, "--keytabs " + shared.keytabs + ": there is no such directory"));
  }
  if (is_within(*out, *in) || is_within(*in, *out)) {
    return Error(Errc::invalid, "--out " + shared.out + " and --keytabs " + shared.keytabs +
                                    ": one lies in the other, so that a plan would be read as its own source; "
                                    "choose two folders beside each other");
  }
  if (shared.dry_run) return {};
  fs::create_directories(*out, code);
  if (code) return system_error(code.value(), "--out: make directory " + shared.out);
  if (::access(out->c_str(), R_OK | W_OK | X_OK) != 0) return system_error(errno, "--out: write in " + shared.out);
  return {};
}

Result<void> read_proxy(plan::Shared& shared, PlanReport& report) {
  auto files = plan::proxy_keytabs(shared.keytabs, shared.names.proxy);
  if (!files) return files.error();
  auto lists = plan::read_keytabs(*files);
  if (!lists) return lists.error();
  shared.proxy = {std::move(*files), std::move(*lists)};
  auto left_out = plan::keep_proxy_keys(shared.names, shared.proxy);
  if (!left_out) return left_out.error();
  report.proxy_left_out = std::move(*left_out);
  return {};
}

void take_proxy(plan::Shared& shared, PlanReport& report) {
  if (const auto read = read_proxy(shared, report); !read) {
    shared.proxy = {};
    shared.proxy_missing = read.error();
  }
}

/// What went wrong, at the end where it is seen, and the status that follows from it.
Exit complain_of_failures(const PlanReport& report, Environment& environment) {
  Exit status = Exit::ok;
  const auto note = [&](const std::string& whom, const Error& error) {
    complain(environment, whom + ": " + error.what);
    // Keys that are missing or wrong are what a plan looks for; the rest it could not do.
    const bool found = error.is(Errc::not_found) || error.is(Errc::invalid) || error.is(Errc::not_a_keytab);
    status = worse(status, found ? Exit::check_failed : exit_for(error));
  };
  if (report.shared.proxy_missing && report.needs_proxy) {
    note("proxy " + report.shared.names.proxy.str(), *report.shared.proxy_missing);
  }
  for (const plan::HostPlan& host : report.hosts) {
    if (host.error) note(host.host, *host.error);
  }
  if (report.hosts.size() < report.all) {
    complain(environment, "interrupted: " + std::to_string(report.hosts.size()) + " of " + counted(report.all, "host") +
                              " are planned, each in whole; run it again for the rest");
    status = worse(status, Exit::failed);
  }
  return status;
}

void warn_once(const std::vector<plan::HostPlan>& hosts, Environment& environment) {
  std::set<std::string> said;
  for (const plan::HostPlan& host : hosts) {
    for (const std::string& warning : host.warnings) {
      if (said.insert(warning).second) complain(environment, "warning: " + warning);
    }
  }
}

Result<Exit> print_script(const plan::Shared& shared, const Inventory& inventory, Environment& environment) {
  const auto folder = canonical_folder(shared.keytabs, "--keytabs");
  if (!folder) return folder.error();
  const auto script =
      plan::kadmin_script({shared.names.service, shared.names.realm, shared.names.proxy, *folder}, inventory);
  if (!script) return script.error();
  environment.out << *script;
  complain(environment,
           "note: for kadmin.local on the KDC, or kadmin as a principal whose ACL has e (extract-keys, which * does "
           "not include); 'already exists' is no trouble: no key is changed");
  return Exit::ok;
}

bool has_coordinator(const Inventory& inventory) {
  return std::ranges::any_of(inventory.hosts, [](const InventoryHost& host) {
    return std::ranges::find(host.roles, Role::coordinator) != host.roles.end();
  });
}

Result<Exit> plan_all(plan::Shared& shared, const Inventory& inventory, unsigned jobs, bool as_json,
                      Environment& environment) {
  if (auto prepared = prepare_folders(shared); !prepared) return prepared.error();
  const InterruptsHeld held;
  std::vector<plan::HostPlan> hosts;
  PlanReport report{shared, hosts, inventory.hosts.size(), has_coordinator(inventory), {}, {}};
  take_proxy(shared, report);
  hosts = plan_hosts(shared, inventory.hosts, jobs, environment);
  if (auto left_over = plan::hosts_left_over(shared)) report.left_over = std::move(*left_over);
  if (as_json) {
    print_plan_json(report, environment.out);
  } else {
    print_plan(report, environment.out);
  }
  environment.out.flush();
  warn_once(hosts, environment);
  return complain_of_failures(report, environment);
}

Result<Exit> run(const Values& values, Environment& environment) {
  KerberosSetup setup;
  if (auto read = read_kerberos(values, setup); !read) return read.error();
  const auto inventory = read_inventory(text(values, "inventory"), environment);
  if (!inventory) return inventory.error();
  plan::Shared shared(std::move(setup));
  shared.keytabs = text(values, "keytabs");
  shared.out = text(values, "out");
  shared.dry_run = values["dry-run"].as<bool>();
  for (const InventoryHost& host : inventory->hosts) shared.names.hosts.insert(host.name.str());
  shared.short_names = single_labels(shared.names);
  if (auto read = read_merge(values, shared); !read) return read.error();
  if (values["kadmin-script"].as<bool>()) return print_script(shared, *inventory, environment);
  if (values.count("out") == 0) return Error(Errc::invalid, "option --out is missing");
  const unsigned usual = std::clamp(std::thread::hardware_concurrency(), kLeastJobs, kMostJobs);
  const unsigned jobs = values.count("jobs") > 0 ? values["jobs"].as<unsigned>() : usual;
  if (jobs == 0 || jobs > kMostJobs) return Error(Errc::invalid, "--jobs: write a number from 1 to 256");
  return plan_all(shared, *inventory, jobs, values["json"].as<bool>(), environment);
}

}  // namespace

const Command kPlan{
    "Daemons",
    "plan",
    "every host's merged keytab and flagfiles, from an inventory and a folder of keytabs",
    "--inventory FILE --proxy FQDN --keytabs DIR --out DIR [OPTION...]",
    "Writes OUT/HOST/ for each host: its keytab (named as on the host, mode 0400) and DAEMON_flags for each of\n"
    "its daemons, as keytool flags writes them. What is the same as in the last plan is not written again.\n"
    "\n"
    "A host's keys: KEYTABS/HOST.keytab and KEYTABS/HOST/*.keytab, else KEYTABS/SHORTNAME.keytab where one\n"
    "host alone has that short name. The proxy's keys: KEYTABS/PROXY.keytab and KEYTABS/PROXY/*.keytab, else\n"
    "KEYTABS/proxy.keytab. A host gets all of its own files, and a coordinator the proxy's keys as well;\n"
    "executor, statestored, catalogd and admissiond do not get them. A host whose files are missing or damaged,\n"
    "lack its principal, conflict, or hold another host's key is named at the end and left as it was; the others\n"
    "are planned all the same, and the exit status is 1.",
    "keytool plan --inventory hosts.ini --proxy impala.example.com --keytabs keytabs --kadmin-script | kadmin.local\n"
    "keytool plan --inventory hosts.ini --proxy impala.example.com --keytabs keytabs --out plan --dry-run\n"
    "keytool plan --inventory hosts.ini --proxy impala.example.com --keytabs keytabs --out plan",
    {},
    options,
    run};

}  // namespace kerbgate::commands
