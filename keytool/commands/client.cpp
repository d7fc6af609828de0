#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "commands/cluster_options.hpp"
#include "commands/output.hpp"
#include "commands/rows.hpp"
#include "settings/client_text.hpp"

namespace kerbgate::commands {
namespace {

namespace json = boost::json;

po::options_description options() {
  po::options_description all;
  auto add = all.add_options();
  const auto text_value = [](const char* name) { return po::value<std::string>()->value_name(name); };
  add("for", text_value("CLIENT")->required(),
      "impala-shell, impyla, hue, jdbc (Hive's), simba-jdbc (Cloudera's), odbc (Cloudera's), beeline");
  add("proxy", text_value("FQDN[:PORT]")->required(), "name that clients connect to; default port: 21050");
  add("realm", text_value("REALM"), "the proxy's Kerberos realm; default: default_realm of krb5.conf");
  add("service", text_value("NAME"), "first part of the principal; default: impala");
  add("ssl", po::bool_switch(), "the port speaks TLS");
  add("ca", text_value("FILE"),
      "with --ssl: the CA's certificate on the client's host, PEM; for jdbc, simba-jdbc and beeline also a trust store "
      "(.jks, .p12, .pfx)");
  add("via", text_value("FQDN[:PORT]"),
      "connect to this coordinator, past the proxy, with a ticket for the proxy's name; default port: 21050");
  add("json", po::bool_switch(), "the settings one by one, with the text, for machines");
  return all;
}

/// Where the connection goes: --via, or the proxy.
Result<Endpoint> target(const Values& values, const Endpoint& proxy) {
  if (values.count("via") == 0) return proxy;
  auto via = endpoint(values, "via");
  if (via && via->host == proxy.host) return usage("--via " + via->host.str() + " is the proxy itself: leave it away");
  return via;
}

Result<ClientSetup> read_setup(const Values& values) {
  const auto proxy = endpoint(values, "proxy");
  if (!proxy) return proxy.error();
  const auto to = target(values, *proxy);
  if (!to) return to.error();
  if (values.count("ca") > 0 && text(values, "ca").empty()) return usage("--ca needs the name of a file");
  auto found = realm(values);
  if (!found) return found.error();
  return ClientSetup{proxy->host,       to->host,
                     to->port,          text_or(values, "service", "impala"),
                     std::move(*found), values["ssl"].as<bool>(),
                     text(values, "ca")};
}

json::object as_json(Client client, const ClientSetup& setup, const ClientSettings& answer) {
  json::array settings;
  for (const Setting& one : answer.settings) {
    json::object row{{"name", one.name}, {"value", one.value}, {"why", one.why}};
    if (!one.section.empty()) row["section"] = one.section;
    settings.push_back(std::move(row));
  }
  return {{"client", client_name(client)},
          {"proxy", setup.proxy.str()},
          {"principal", setup.principal()},
          {"host", setup.host.str()},
          {"port", setup.port},
          {"ssl", setup.ssl},
          {"settings", std::move(settings)},
          {"text", client_text(client, setup, answer)},
          {"notes", json::array(answer.notes.begin(), answer.notes.end())},
          {"warnings", json::array(answer.warnings.begin(), answer.warnings.end())}};
}

Result<Exit> run(const Values& values, Environment& environment) {
  const auto client = parse_client(text(values, "for"));
  if (!client) return client.error();
  const auto setup = read_setup(values);
  if (!setup) return setup.error();
  const auto answer = client_settings(*client, *setup);
  if (!answer) return answer.error();
  for (const std::string& warning : answer->warnings) complain(environment, "warning: " + warning);
  if (values["json"].as<bool>()) {
    print_json(environment.out, as_json(*client, *setup, *answer));
    return Exit::ok;
  }
  environment.out << client_text(*client, *setup, *answer);
  if (!has_comments(*client)) {
    for (const std::string& note : answer->notes) complain(environment, "note: " + note);
  }
  return Exit::ok;
}

}  // namespace

const Command kClient{
    "Clients",
    "client",
    "ready-to-paste connection settings of impala-shell, JDBC, Hue and others",
    "--for CLIENT --proxy FQDN[:PORT] [OPTION...]",
    "Writes what a client needs to log in through the proxy: a command line for impala-shell and beeline,\n"
    "Python for impyla, a part of hue.ini or odbc.ini, a URL for jdbc and simba-jdbc. Each setting has its\n"
    "reason beside it; a URL, which has no room for any, stands alone on standard output.\n"
    "\n"
    "The ticket is always for the proxy's name, written out. With --via the connection goes to one\n"
    "coordinator instead, which accepts that ticket and no other: impala-shell then needs -b, impyla krb_host,\n"
    "and Hue cannot do it.",
    "keytool client --for impala-shell --proxy impala.example.com\n"
    "keytool client --for jdbc --proxy impala.example.com:21051 --realm EXAMPLE.COM --ssl --ca /etc/ssl/ca.pem\n"
    "keytool client --for impala-shell --proxy impala.example.com --via node1.example.com\n"
    "keytool client --for hue --proxy impala.example.com --json",
    {},
    options,
    run};

}  // namespace kerbgate::commands
