#include "diagnosis/doctor.hpp"

#include <charconv>

#include "commands/check_report.hpp"
#include "commands/cluster_options.hpp"
#include "commands/rows.hpp"
#include "tls/client.hpp"

namespace kerbgate::commands {
namespace {

using diagnosis::DoctorHost;
using diagnosis::DoctorInput;

po::options_description options() {
  po::options_description all;
  auto add = all.add_options();
  const auto text_value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  add("proxy", text_value("FQDN[:PORT]")->required(), "name that clients connect to; default port: 21050");
  add("host", text_value("FQDN[:PORT]"), "a coordinator; default port: 21050");
  add("inventory", text_value("FILE"),
      "Ansible INI inventory, or a plain list of coordinators, whose port= counts; - is standard input");
  add("role", text_value("ROLE"), "of --host: coordinator (default), executor, statestored, catalogd, admissiond");
  add("keytab", text_value("FILE"),
      "the coordinator's keytab: it logs in, and is compared with the KDC. Without it the login is that of the default "
      "credentials cache (kinit)");
  add("flagfile", text_value("FILE"), "with --keytab: the daemon's flagfile, read as gflags reads it");
  add("user", text_value("USER"), "with --keytab: whom the daemon runs as; default: the service's name");
  add("hostname-output", text_value("TEXT"), "what `hostname` prints on the daemon's host, where flags have _HOST");
  add("principal", text_value("PRINCIPAL"), "with --keytab: log in as this; default: the host's own, else the proxy's");
  add("realm", text_value("REALM"), "Kerberos realm; default: default_realm of krb5.conf");
  add("service", text_value("NAME"), "first part of the principals; default: impala");
  add("tls", po::bool_switch(), "the ports speak TLS; found out by itself otherwise");
  add("ca-cert", text_value("FILE"), "the CA's certificates, PEM; default: the system's");
  add("direct", po::bool_switch(), "also log in to each coordinator as a client does that connects without -b");
  add("timeout", text_value("TIME"), "how long to wait for each answer; seconds, or with ms or s; default: 5");
  add("jobs", text_value("N"), "hosts that are looked at side by side; default: 8");
  add("json", po::bool_switch(), "print JSON");
  return all;
}

/// `name` or `name:port`, kept as written: what is wrong with a name is an answer, not a refusal to ask.
Result<void> read_endpoint(const Values& values, const char* option, std::string& name, std::uint16_t& port) {
  const std::string written = text(values, option);
  name = written;
  port = kHs2Port;
  const auto colon = written.rfind(':');
  if (written.empty()) return usage("--" + std::string(option) + " needs a name");
  if (colon == std::string::npos || is_ip_address(written)) return {};
  const auto parsed = HostPort::parse(written);
  if (!parsed) return usage("--" + std::string(option) + ": " + parsed.error().what);
  name = written.substr(0, colon);
  if (name.starts_with('[')) name = parsed->host;
  port = parsed->port;
  return {};
}

/// A whole number of `most` at most, then `rest`.
Result<int> number(const std::string& written, const char* option, int most, std::string& rest) {
  int value = 0;
  const char* end = written.data() + written.size();
  const auto [after, problem] = std::from_chars(written.data(), end, value);
  rest.assign(after, end);
  if (problem != std::errc() || value < 1 || value > most)
    return usage("--" + std::string(option) + " " + written + ": a number from 1 to " + std::to_string(most) +
                 " is wanted");
  return value;
}

Result<void> read_limits(const Values& values, DoctorInput& input) {
  constexpr int kLongest = 600'000, kMostJobs = 256;
  std::string unit;
  if (values.count("timeout") > 0) {
    const std::string written = text(values, "timeout");
    const auto time = number(written, "timeout", kLongest, unit);
    if (!time) return time.error();
    if (!unit.empty() && unit != "s" && unit != "ms") return usage("--timeout " + written + ": the units are s and ms");
    if (unit != "ms" && *time > kLongest / 1000) return usage("--timeout " + written + ": 600 s is the most");
    input.timeout = unit == "ms" ? std::chrono::milliseconds(*time) : std::chrono::seconds(*time);
  }
  if (values.count("jobs") > 0) {
    const auto jobs = number(text(values, "jobs"), "jobs", kMostJobs, unit);
    if (!jobs) return jobs.error();
    if (!unit.empty()) return usage("--jobs " + text(values, "jobs") + ": a number is wanted");
    input.jobs = static_cast<std::size_t>(*jobs);
  }
  return {};
}

Result<void> add_inventory(const std::string& file, Environment& environment, DoctorInput& input) {
  const auto inventory = read_inventory(file, environment);
  if (!inventory) return inventory.error();
  for (const InventoryHost& host : inventory->hosts) {
    const std::uint16_t port = host.port != 0 ? host.port : kHs2Port;
    input.hosts.push_back({host.name.str(), port, daemons(host.roles).front()});
  }
  if (input.hosts.empty()) return usage(file + " names no host");
  return {};
}

Result<void> read_hosts(const Values& values, Environment& environment, DoctorInput& input) {
  const bool one = values.count("host") > 0, many = values.count("inventory") > 0;
  if (one == many)
    return usage(one ? "--host and --inventory exclude each other"
                     : "which coordinator? give --host FQDN, or --inventory FILE for all of them");
  if (many) return add_inventory(text(values, "inventory"), environment, input);
  const auto role = parse_role(text_or(values, "role", "coordinator"));
  if (!role) return role.error();
  DoctorHost host{"", 0, *role};
  if (auto read = read_endpoint(values, "host", host.name, host.port); !read) return read;
  input.hosts.push_back(std::move(host));
  return {};
}

Result<void> read_principals(const Values& values, DoctorInput& input) {
  input.service = text_or(values, "service", "impala");
  const auto found = realm(values);
  if (!found) return found.error();
  input.realm = *found;
  if (auto checked = check_principal_part(input.realm, "realm"); !checked) return checked;
  if (auto checked = check_principal_part(input.service, "service"); !checked) return checked;
  if (values.count("principal") == 0) return {};
  auto principal = Principal::parse(text(values, "principal"), input.realm);
  if (!principal) return Error(Errc::invalid, "--principal: " + principal.error().what);
  input.login_as = std::move(*principal);
  return {};
}

Result<DoctorInput> input_of(const Values& values, Environment& environment) {
  DoctorInput input;
  if (auto read = read_endpoint(values, "proxy", input.proxy, input.proxy_port); !read) return read.error();
  if (auto read = read_hosts(values, environment, input); !read) return read.error();
  if (auto read = read_principals(values, input); !read) return read.error();
  if (auto read = read_limits(values, input); !read) return read.error();
  input.keytab = text(values, "keytab");
  for (const char* option : {"flagfile", "user", "principal"}) {
    if (values.count(option) > 0 && input.keytab.empty())
      return usage("--" + std::string(option) + " goes with --keytab FILE");
  }
  input.flagfile = text(values, "flagfile");
  input.user = text(values, "user");
  input.hostname_output = text(values, "hostname-output");
  input.tls = values["tls"].as<bool>();
  input.direct = values["direct"].as<bool>();
  input.ca_file = text(values, "ca-cert");
  if (!input.ca_file.empty()) {
    if (auto right = tls::check_ca_file(input.ca_file); !right)
      return Error(right.error().code, "--ca-cert: " + right.error().what);
  }
  using std::chrono::system_clock;
  input.now = system_clock::to_time_t(system_clock::now());
  return input;
}

Result<Exit> run(const Values& values, Environment& environment) {
  const auto input = input_of(values, environment);
  if (!input) return input.error();
  const auto results = diagnosis::doctor(*input, environment.resolver);
  if (values["json"].as<bool>()) {
    print_checks_json(results, environment);
  } else {
    print_checks(results, environment);
  }
  switch (worst(results)) {
    case Verdict::fail:
      return Exit::check_failed;
    case Verdict::skip:
      return Exit::failed;
    default:
      return Exit::ok;
  }
}

}  // namespace

const Command kDoctor{
    "Daemons",
    "doctor",
    "what is wrong between clients, the proxy, the coordinators and the KDC",
    "--proxy FQDN[:PORT] (--host FQDN[:PORT] | --inventory FILE) [OPTION...]",
    "Looks at everything that a login goes through: names forward and reverse under each setting of\n"
    "krb5.conf, the KDC and its clock, the key versions and enctypes of its tickets against the keytab,\n"
    "certificates where a port speaks TLS, and a real login to each coordinator and through the proxy. With\n"
    "--keytab it also does what keytool verify does. Each check passes, warns, fails or is skipped, with its\n"
    "cause and remedy; exit status 1 when one failed, 3 when nothing could be looked at.\n"
    "\n"
    "It logs in and leaves: no session is opened, no statement is sent, the credentials cache is not changed.\n"
    "Best run on a coordinator as root, or as its service's user, with its keytab; elsewhere with a ticket\n"
    "of one's own (kinit) it does the rest.",
    "keytool doctor --proxy impala.example.com --host host1.example.com \\\n"
    "  --keytab /etc/impala/conf/impala.keytab --flagfile /etc/impala/conf/impalad_flags\n"
    "kinit && keytool doctor --proxy impala.example.com:21051 --inventory hosts.ini\n"
    "keytool doctor --proxy impala.example.com --host host1.example.com --ca-cert /etc/ssl/ca.pem --json",
    {},
    options,
    run,
};

}  // namespace kerbgate::commands
