#pragma once

#include "config/draft.hpp"
#include "config/report.hpp"

namespace kerbgate::config {

/// Sections as read -> the configuration: names followed, what global says handed down. Checks what no single line can
/// show, and says what is wrong.
Config finish(const Draft& draft, Report& report);

/// The checks alone: names, references, addresses, timeouts, what serves nobody.
void check_sections(const Draft& draft, Report& report);

/// The line that a `log-format` of a section stands for; null when it has none, or in mode http, where lines are those
/// of tcplog. Says what is wrong with it.
std::shared_ptr<const LogTemplate> finish_log_format(const Draft& draft, const Proxy& proxy, const char* keyword,
                                                     const std::optional<LogFormatText>& format, Report& report);

/// The checks of what `option kerberos-check`, `option impala-check` and `balance leastqueries` need.
void check_coordinator_checks(const Config& config, Report& report);

/// What a listener's logins are held against: its own words, else global's. Says what is wrong with its fqdn.
Kerberos resolve_kerberos(const Draft& draft, const Proxy& proxy, Report& report);

}  // namespace kerbgate::config
