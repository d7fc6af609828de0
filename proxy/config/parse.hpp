#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/source.hpp"

namespace kerbgate::config {

/// The value of an environment variable, nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct Parsed {
  Config config;                          ///< meaningful when ok()
  std::vector<Diagnostic> diagnostics;    ///< all of them, in the order of the text

  [[nodiscard]] bool ok() const;          ///< no alert
};

/// Texts in HAProxy's language -> a configuration, or every error in them. Pure: opens no file, resolves no name.
/// `defaults` sections reach into the files that follow, as HAProxy's do.
Parsed parse(std::span<const SourceText> files, const Environment& environment);

/// The same for the command line's `--fqdn F --listen L --server S` form (no file): checks on, connect 5s, client and
/// server 12h, keepalive, leastconn, redispatch, log to stderr.
struct Inline {
  std::string fqdn, keytab, principal;
  std::vector<std::string> listens;  ///< [ADDR:]PORT[,balance=ALG]
  std::vector<std::string> servers;  ///< HOST:PORT
};
Parsed parse(const Inline& words);

}  // namespace kerbgate::config
