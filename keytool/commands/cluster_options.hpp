#pragma once

#include <cstdint>

#include "commands/command.hpp"
#include "kerbgate/inventory.hpp"
#include "kerbgate/name.hpp"

/// Options that say which cluster is meant, read alike by every command that takes them.
namespace kerbgate::commands {

/// Where HiveServer2's protocol is spoken: impala-shell, JDBC and the others.
inline constexpr std::uint16_t kHs2Port = 21050;

struct Endpoint {
  Fqdn host;
  std::uint16_t port = kHs2Port;
};

/// The value of a string option, or `otherwise` when it was not given.
std::string text_or(const Values& values, const char* option, const std::string& otherwise);

/// `--option FQDN[:PORT]`, which was given. Addresses, short names and _HOST are Errc::invalid: what Kerberos makes of
/// them is another principal, or none.
Result<Endpoint> endpoint(const Values& values, const char* option);

/// Errc::invalid when the value cannot be a host's name at all. A short name or an address can be looked at: what is
/// wrong with it is an answer, with cause and remedy.
Result<void> check_spelling(const Values& values, const char* option);

/// The inventory in `file`, standard input for "-". Its notes are warnings on standard error.
Result<Inventory> read_inventory(const std::string& file, Environment& environment);

/// `--realm`, or krb5.conf's default_realm.
Result<std::string> realm(const Values& values);

}  // namespace kerbgate::commands
