#include "settings/client_settings.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "kerbgate/daemon_flags.hpp"
#include "kerbgate/nearest.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate {
namespace {

using Settings = std::vector<Setting>;

constexpr std::array<std::pair<std::string_view, Client>, 7> kClients{{
    {"impala-shell", Client::impala_shell},
    {"impyla", Client::impyla},
    {"hue", Client::hue},
    {"jdbc", Client::hive_jdbc},
    {"simba-jdbc", Client::simba_jdbc},
    {"odbc", Client::odbc},
    {"beeline", Client::beeline},
}};

constexpr std::array<std::string_view, 3> kTrustStoreEndings{".jks", ".p12", ".pfx"};
constexpr const char* kTrustStorePassword = "changeit";

Error invalid(std::string what) { return {Errc::invalid, std::move(what)}; }

bool is_java(Client client) {
  return client == Client::hive_jdbc || client == Client::simba_jdbc || client == Client::beeline;
}

bool is_trust_store(const std::string& file) {
  return std::any_of(kTrustStoreEndings.begin(), kTrustStoreEndings.end(),
                     [&](std::string_view ending) { return file.ends_with(ending); });
}

bool is_absolute(const std::string& path) {
  return path.starts_with('/') || (path.size() > 2 && path[1] == ':' && path[2] == '/');
}

Result<void> check_ca(Client client, const ClientSetup& setup) {
  constexpr std::string_view kSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+:./-@";
  if (setup.ca.empty()) return {};
  if (!setup.ssl) return invalid("--ca is for TLS: give --ssl too, or leave --ca away");
  // Printed only once it is known to hold nothing that a terminal would obey.
  if (setup.ca.find_first_not_of(kSafe) != std::string::npos) {
    return invalid(
        "the path of --ca holds a blank, a quote or another character that some client's settings change: use a path "
        "of letters, digits and _+:./-@ (C:/certs/ca.pem on Windows)");
  }
  if (!is_absolute(setup.ca)) {
    return invalid("--ca " + setup.ca + " is not absolute: the client's working directory is not yours");
  }
  if (is_trust_store(setup.ca) && !is_java(client)) {
    return invalid("--ca " + setup.ca + " is a Java trust store, and " + std::string(client_name(client)) +
                   " reads PEM: give the CA's certificate as a PEM file");
  }
  return {};
}

Result<void> check(Client client, const ClientSetup& setup) {
  if (auto checked = check_principal_part(setup.service, "service"); !checked) return checked;
  if (auto checked = check_principal_part(setup.realm, "realm"); !checked) return checked;
  if (client == Client::hue && setup.direct()) {
    return invalid("hue cannot go to " + setup.host.str() + " directly: it asks for a ticket for server_host itself, " +
                   "and a coordinator accepts only those for " + setup.proxy.str() + "; leave --via away");
  }
  return check_ca(client, setup);
}

/// The trust store that the Java clients read: the file itself, or the one that note_trust_store() has made from it.
std::string trust_store(const std::string& ca) {
  if (is_trust_store(ca)) return ca;
  for (const std::string_view ending : {".pem", ".crt", ".cer"}) {
    if (ca.ends_with(ending)) return ca.substr(0, ca.size() - ending.size()) + ".p12";
  }
  return ca + ".p12";
}

std::string why_host(const ClientSetup& setup) {
  return setup.direct() ? "the coordinator itself, past the proxy" : "the proxy: the name that the ticket is for";
}

std::string why_name(const ClientSetup& setup) {
  return setup.direct() ? "the proxy's name: the coordinator accepts no ticket for its own"
                        : "written out: the proxy's name, which every coordinator has the key of";
}

constexpr const char* kWhyPort = "HiveServer2's binary protocol, not beeswax's (21000) or hs2-http's (28000)";
constexpr const char* kWhyService = "first part of the coordinators' principal";
constexpr const char* kWhyCa = "the CA that the server's certificate is checked against";
constexpr const char* kWhyPassword = "the JDK's usual one; put the trust store's own";

Settings impala_shell(const ClientSetup& setup) {
  Settings all{{"--protocol", "hs2", "what this port speaks; old shells begin with beeswax"},
               {"-i", setup.address(), why_host(setup)},
               {"-k", "", "log in by Kerberos"}};
  if (setup.direct()) all.push_back({"-b", setup.proxy.str(), why_name(setup)});
  if (setup.service != "impala") all.push_back({"-s", setup.service, kWhyService});
  if (setup.ssl) all.push_back({"--ssl", "", "the port speaks TLS"});
  if (!setup.ca.empty()) all.push_back({"--ca_cert", setup.ca, kWhyCa});
  return all;
}

Settings impyla(const ClientSetup& setup) {
  Settings all{{"host", setup.host.str(), why_host(setup)},
               {"port", std::to_string(setup.port), kWhyPort, "", true},
               {"auth_mechanism", "GSSAPI", "Kerberos; the default is no login at all"},
               {"kerberos_service_name", setup.service, kWhyService}};
  if (setup.direct()) all.push_back({"krb_host", setup.proxy.str(), why_name(setup)});
  if (setup.ssl) all.push_back({"use_ssl", "True", "the port speaks TLS", "", true});
  if (!setup.ca.empty()) all.push_back({"ca_cert", setup.ca, kWhyCa});
  return all;
}

Settings hue(const ClientSetup& setup) {
  Settings all{{"server_host", setup.proxy.str(), "the proxy: Hue asks for a ticket for this very name"},
               {"server_port", std::to_string(setup.port), kWhyPort},
               {"impala_principal", setup.principal(), "Kerberos is on when it is set; Hue takes the first part only"}};
  if (!setup.ssl) return all;
  all.push_back({"enabled", "true", "the port speaks TLS", "ssl"});
  if (!setup.ca.empty()) all.push_back({"cacerts", setup.ca, kWhyCa, "ssl"});
  all.push_back({"validate", "true", "refuse a certificate that is not the server's", "ssl"});
  return all;
}

Settings hive_url(const ClientSetup& setup) {
  Settings all{{"principal", setup.principal(), why_name(setup)}};
  if (setup.ssl) all.push_back({"ssl", "true", "the port speaks TLS"});
  if (setup.ca.empty()) return all;
  all.push_back({"sslTrustStore", trust_store(setup.ca), kWhyCa});
  all.push_back({"trustStorePassword", kTrustStorePassword, kWhyPassword});
  return all;
}

Settings simba_jdbc(const ClientSetup& setup) {
  Settings all{{"AuthMech", "1", "Kerberos"},
               {"KrbRealm", setup.realm, "the servers' realm, whatever the client's default is"},
               {"KrbHostFQDN", setup.proxy.str(), why_name(setup)},
               {"KrbServiceName", setup.service, kWhyService}};
  if (setup.ssl) all.push_back({"SSL", "1", "the port speaks TLS"});
  if (setup.ca.empty()) return all;
  all.push_back({"SSLTrustStore", trust_store(setup.ca), kWhyCa});
  all.push_back({"SSLTrustStorePwd", kTrustStorePassword, kWhyPassword});
  return all;
}

Settings odbc(const ClientSetup& setup) {
  Settings all{{"Driver", "Cloudera ODBC Driver for Impala", "as odbcinst.ini calls it"},
               {"Host", setup.host.str(), why_host(setup)},
               {"Port", std::to_string(setup.port), kWhyPort},
               {"AuthMech", "1", "Kerberos"},
               {"KrbRealm", setup.realm, "the servers' realm, whatever the client's default is"},
               {"KrbFQDN", setup.proxy.str(), why_name(setup)},
               {"KrbServiceName", setup.service, kWhyService},
               {"ServicePrincipalCanonicalization", "0", "ask for that name as it is, whatever DNS makes of it"}};
  if (setup.ssl) all.push_back({"SSL", "1", "the port speaks TLS"});
  if (!setup.ca.empty()) all.push_back({"TrustedCerts", setup.ca, kWhyCa});
  return all;
}

Settings settings_of(Client client, const ClientSetup& setup) {
  switch (client) {
    case Client::impala_shell:
      return impala_shell(setup);
    case Client::impyla:
      return impyla(setup);
    case Client::hue:
      return hue(setup);
    case Client::hive_jdbc:
    case Client::beeline:
      return hive_url(setup);
    case Client::simba_jdbc:
      return simba_jdbc(setup);
    case Client::odbc:
      return odbc(setup);
  }
  return {};
}

std::vector<std::string> notes(Client client, const ClientSetup& setup) {
  std::vector<std::string> all;
  if (client == Client::hue) {
    all.push_back("Hue logs in with its own keytab: [desktop] [[kerberos]] hue_principal and hue_keytab");
  } else {
    all.push_back("first kinit: with that ticket the client asks for " + setup.principal());
  }
  if (setup.ssl) all.push_back("the certificate on " + setup.address() + " must hold the name " + setup.host.str());
  if (!is_java(client)) return all;
  if (!setup.ca.empty() && !is_trust_store(setup.ca)) {
    all.push_back(
        "Java reads trust stores, not PEM; the JDK makes one: keytool -importcert -noprompt -alias impala-ca "
        "-file " +
        setup.ca + " -keystore " + trust_store(setup.ca) + " -storetype PKCS12 -storepass " + kTrustStorePassword);
  }
  all.push_back("where Java finds no Kerberos tgt after kinit: java -Djavax.security.auth.useSubjectCredsOnly=false");
  return all;
}

std::vector<std::string> warnings(Client client, const ClientSetup& setup) {
  std::vector<std::string> all;
  if (std::string odd = realm_warning(setup.realm); !odd.empty()) all.push_back(std::move(odd));
  const auto not_hs2 = [&](const char* protocol) {
    all.push_back("port " + std::to_string(setup.port) + " is Impala's usual one for " + protocol +
                  ", and these settings speak HiveServer2's binary protocol: is it not 21050?");
  };
  if (setup.port == 21000) not_hs2("beeswax");
  if (setup.port == 28000) not_hs2("hs2-http");
  if (setup.ssl && setup.ca.empty() && (client == Client::impala_shell || client == Client::impyla)) {
    all.push_back(std::string(client_name(client)) +
                  " takes any certificate when it is given no CA: give --ca FILE, or TLS proves nothing");
  }
  return all;
}

}  // namespace

std::vector<std::string_view> client_names() {
  std::vector<std::string_view> names;
  for (const auto& row : kClients) names.push_back(row.first);
  return names;
}

std::string_view client_name(Client client) {
  return std::find_if(kClients.begin(), kClients.end(), [&](const auto& row) { return row.second == client; })->first;
}

Result<Client> parse_client(std::string_view text) {
  std::string all;
  for (const auto& [name, client] : kClients) {
    if (name == text) return client;
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  const std::string hint = did_you_mean(text, client_names());
  return invalid("unknown client " + quoted(text) + (hint.empty() ? ": it is one of " + all : hint));
}

Result<ClientSettings> client_settings(Client client, const ClientSetup& setup) {
  if (auto checked = check(client, setup); !checked) return checked.error();
  return ClientSettings{settings_of(client, setup), notes(client, setup), warnings(client, setup)};
}

}  // namespace kerbgate
