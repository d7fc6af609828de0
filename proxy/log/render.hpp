#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "log/record.hpp"

namespace kerbgate::log {

/// The bytes of one message for one target: `<PRI>` and the header its format asks for, cut at max_length, without a
/// newline (out and err targets get one when written), a control character being a blank. Pure.
///   rfc3164  `<PRI>Nov 22 18:00:00 tag[pid]: message`: without host, as HAProxy's `log` line without `format`
///   rfc5424  `<PRI>1 2026-11-22T18:00:00.000000+00:00 host tag pid - - message`
///   short    `<N>message`, N the severity alone (systemd's), raw: the message
///   json     one object: time, level, host, program, pid, message
std::string render(const config::LogTarget& target, Priority priority, std::string_view message,
                   std::chrono::system_clock::time_point now, const std::string& host, const std::string& tag, int pid);

/// The same for a message that is a JSON object already: its members follow the header's at a json target, elsewhere it
/// is the message. What is too long loses whole members, and says so by "truncated":true.
std::string render_object(const config::LogTarget& target, Priority priority, std::string_view object,
                          std::chrono::system_clock::time_point now, const std::string& host, const std::string& tag,
                          int pid);

}  // namespace kerbgate::log
