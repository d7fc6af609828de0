#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/name.hpp"
#include "kerbgate/result.hpp"

namespace kerbgate {

enum class Client { impala_shell, impyla, hue, hive_jdbc, simba_jdbc, odbc, beeline };

std::vector<std::string_view> client_names();
/// "impala-shell", "jdbc" (hive_jdbc) and so on.
std::string_view client_name(Client client);
Result<Client> parse_client(std::string_view text);

/// Where a client connects to and as what it takes the server.
struct ClientSetup {
  Fqdn proxy;  ///< the ticket is for this name, wherever the connection goes
  Fqdn host;   ///< the connection goes there: the proxy, or one coordinator
  std::uint16_t port;
  std::string service = "impala";
  std::string realm;
  bool ssl = false;
  std::string ca;  ///< absolute path on the client's host: PEM, or a Java trust store; empty: what the client trusts

  [[nodiscard]] bool direct() const { return host != proxy; }
  [[nodiscard]] std::string address() const { return host.str() + ":" + std::to_string(port); }
  [[nodiscard]] std::string principal() const { return service + "/" + proxy.str() + "@" + realm; }
};

/// One setting as the client spells it. Values hold letters, digits, blanks and `_+:./-@` only, so that no form of
/// writing needs an escape.
struct Setting {
  std::string name;
  std::string value;  ///< empty: a switch of a command line
  std::string why;
  std::string section{};  ///< the client's own subsection; empty: none
  bool literal = false;   ///< in a program's text: a number or a truth value, not a string
};

struct ClientSettings {
  std::vector<Setting> settings;
  std::vector<std::string> notes;     ///< what has to be done or be true besides; one line each
  std::vector<std::string> warnings;  ///< what is unwise in it; one line each
};

/// Errc::invalid: a service or realm that cannot stand in a principal, a CA file without TLS, one that is not absolute,
/// holds characters that a format would change or is not of the client's kind; Hue directly to a coordinator.
Result<ClientSettings> client_settings(Client client, const ClientSetup& setup);

}  // namespace kerbgate
