#pragma once

#include <chrono>
#include <string>

/// Dates in local time, as logs write them. The broken-down second is kept per thread, so a line costs no more than its
/// digits. The time zone is what it was at the first call in the process (a chroot later does no harm).
namespace kerbgate::log {

using WallTime = std::chrono::system_clock::time_point;

void append_syslog_date(std::string& out, WallTime when);      ///< `Feb  6 12:12:56`
void append_haproxy_date(std::string& out, WallTime when);     ///< `06/Feb/2009:12:12:51.443`
void append_haproxy_seconds(std::string& out, WallTime when);  ///< `06/Feb/2009:12:12:51 +0100`
void append_haproxy_gmt(std::string& out, WallTime when);      ///< `06/Feb/2009:11:12:51 +0000`
void append_iso_date(std::string& out, WallTime when);         ///< `2009-02-06T12:12:51.443000+01:00` (RFC 5424)

}  // namespace kerbgate::log
