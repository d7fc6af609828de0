#include "diagnosis/verify.hpp"

#include <chrono>
#include <ostream>

#include "commands/check_report.hpp"
#include "commands/cluster_options.hpp"
#include "commands/rows.hpp"

namespace kerbgate::commands {
namespace {

po::options_description options() {
  po::options_description all;
  auto add = all.add_options();
  const auto text_value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  add("proxy", text_value("FQDN"), "name that clients connect to; needed for a coordinator");
  add("host", text_value("FQDN")->required(), "the daemon's own host");
  add("role", text_value("ROLE"), "coordinator (default), executor, statestored, catalogd, admissiond");
  add("flagfile", text_value("FILE"), "the daemon's flagfile, read as gflags reads it");
  add("user", text_value("USER"), "whom the daemon runs as; default: the service's name, where there is such a user");
  add("keytab-path", text_value("PATH"),
      "where the daemon reads the keytab; default: KEYTAB. With another path KEYTAB is a copy, whose mode and owner do "
      "not count");
  add("hostname-output", text_value("TEXT"), "what `hostname` prints on the daemon's host, where flags have _HOST");
  add("realm", text_value("REALM"), "Kerberos realm; default: default_realm of krb5.conf");
  add("service", text_value("NAME"), "first part of the principals; default: impala");
  add("json", po::bool_switch(), "print JSON");
  return all;
}

std::uint32_t seconds_now() {
  using std::chrono::system_clock;
  return static_cast<std::uint32_t>(system_clock::to_time_t(system_clock::now()));
}

Result<diagnosis::VerifyInput> input_of(const Values& values) {
  diagnosis::VerifyInput input;
  input.keytab = operands(values).front();
  input.keytab_path = text(values, "keytab-path");
  for (const char* option : {"host", "proxy"})
    if (auto spelled = check_spelling(values, option); !spelled) return spelled.error();
  input.proxy = text(values, "proxy");
  input.host = text(values, "host");
  input.flagfile = text(values, "flagfile");
  input.user = text(values, "user");
  input.hostname_output = text(values, "hostname-output");
  input.service = text_or(values, "service", "impala");
  input.now = seconds_now();
  const auto role = parse_role(text_or(values, "role", "coordinator"));
  if (!role) return role.error();
  input.role = *role;
  const auto in_realm = realm(values);
  if (!in_realm) return in_realm.error();
  input.realm = *in_realm;
  if (auto checked = check_principal_part(input.realm, "realm"); !checked) return checked.error();
  if (auto checked = check_principal_part(input.service, "service"); !checked) return checked.error();
  if (*role == Role::coordinator && input.proxy.empty()) {
    return Error(Errc::invalid, "a coordinator takes the proxy's clients: give --proxy FQDN, or another --role");
  }
  return input;
}

Result<Exit> run(const Values& values, Environment& environment) {
  const auto input = input_of(values);
  if (!input) return input.error();
  const auto results = diagnosis::verify(*input, environment.resolver);
  if (values["json"].as<bool>()) {
    print_checks_json(results, environment);
  } else {
    print_checks(results, environment);
  }
  if (worst(results) == Verdict::fail) return Exit::check_failed;
  return diagnosis::looked_at_keytab(results) ? Exit::ok : Exit::failed;
}

}  // namespace

const Command kVerify{
    "Daemons",
    "verify",
    "whether a keytab is right for a daemon, and readable by its user",
    "KEYTAB --proxy FQDN --host FQDN [OPTION...]",
    "Looks at one keytab as one daemon will use it: records, both principals, newest kvno and enctypes,\n"
    "mode and owner, whether the daemon's user can open it (root really becomes that user), /var/tmp, the\n"
    "names, and with --flagfile what the daemon reads from its flags. Each check passes, warns, fails or is\n"
    "skipped, with its cause and remedy. KEYTAB - is standard input. Exit status 1 when a check failed, 3\n"
    "when the keytab could not be looked at. What needs the KDC or a connection is keytool doctor's.",
    "keytool verify /etc/impala/conf/impala.keytab --proxy impala.example.com --host host1.example.com \\\n"
    "  --flagfile /etc/impala/conf/impalad_flags\n"
    "keytool verify out/host1.example.com/impala.keytab --proxy impala.example.com --host host1.example.com \\\n"
    "  --keytab-path /etc/impala/conf/impala.keytab\n"
    "ssh root@host2 cat /etc/impala/conf/impala.keytab | keytool verify - --role statestored \\\n"
    "  --host host2.example.com",
    {"KEYTAB", 1, 1},
    options,
    run,
};

}  // namespace kerbgate::commands
