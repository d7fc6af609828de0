#pragma once

#include <optional>
#include <string>

#include "admin/snapshot.hpp"

namespace kerbgate::admin {

/// What whoever runs the cluster does about it: a row of the table of `keytool doctor`. The words that a client reads
/// are for its user, and stand in login::refusal_table().
struct Remedy {
  std::string cause;  ///< "kvno-older": its section in docs/troubleshooting.md
  std::string text;
};

/// Nothing: that is between the client and its own settings. The names tell the keytab.
std::optional<Remedy> remedy_of(const stats::Refusal& refusal, const stats::NameStates& names);
/// Of a server that did not take a login; `host` is where it is.
std::optional<Remedy> remedy_of(const stats::PassedOver& passed, const std::string& host,
                                const stats::NameStates& names);

/// "kvno-older: export ...".
std::string words(const Remedy& remedy);
/// "kvno 4 aes256-cts-hmac-sha1-96".
std::string words(const stats::KeySeen& key);

}  // namespace kerbgate::admin
