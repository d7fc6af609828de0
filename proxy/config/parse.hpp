#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/source.hpp"

namespace kerbgate::config {

struct Parsed {
  Config config;                        ///< meaningful when ok()
  std::vector<Diagnostic> diagnostics;  ///< all of them, in the order of the text

  [[nodiscard]] bool ok() const;  ///< no alert
};

/// Texts in HAProxy's language -> a configuration, or every error in them. Pure: opens no file, resolves no name.
/// `defaults` sections reach into the files that follow, as HAProxy's do. The files' names are distinct.
/// `lists` reads what `acl -f` names; without one it must be among `files`.
Parsed parse(std::span<const SourceText> files, const Environment& environment, const ListReader& lists = {});

/// The same for the command line's `--fqdn F --listen L --server S` form (no file): checks on, connect 5s, client and
/// server 12h, keepalive, leastconn, redispatch, log to stderr.
struct Inline {
  std::string fqdn, keytab, principal;
  std::vector<std::string> listens;  ///< [ADDR:]PORT[,balance=ALG]
  std::vector<std::string> servers;  ///< HOST:PORT
};
Parsed parse(const Inline& words);

/// One keyword of the language, as the parser's own tables hold it.
struct KeywordHelp {
  std::string section;  ///< "global", "proxy", "bind", "server", "test"
  std::string keyword;  ///< "timeout connect"
  std::string where;    ///< of a proxy keyword: D, L, F, B for defaults, listen, frontend, backend; else empty
  std::string syntax;   ///< its arguments; empty: none
  std::string state;    ///< "working", "note", "not yet", "refused", "dead form"
  std::string summary;  ///< one line
};
/// Every keyword that the parser knows; docs/configuration.md holds the same (a test compares them).
std::vector<KeywordHelp> keyword_help();

}  // namespace kerbgate::config
