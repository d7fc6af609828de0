#include "config/log_line.hpp"

#include <array>
#include <vector>

#include "config/address.hpp"
#include "config/nearest.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

/// Numbers of RFC 5424, in HAProxy's words.
constexpr std::array<std::string_view, 24> kFacilities = {
    "kern", "user",  "mail",  "daemon", "auth",   "syslog", "lpr",    "news",   "uucp",   "cron",   "auth2",  "ftp",
    "ntp",  "audit", "alert", "cron2",  "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};
constexpr std::array<std::string_view, 8> kLevels = {"emerg",   "alert",  "crit", "err",
                                                     "warning", "notice", "info", "debug"};
constexpr std::array<std::string_view, 5> kFormats = {"rfc3164", "rfc5424", "raw", "short", "json"};

/// The place of a word in its list; nullopt after saying what the list holds.
std::optional<int> choose(const Place& place, const Word& word, const char* what,
                          std::span<const std::string_view> list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == word.text) return static_cast<int>(i);
  }
  std::string known;
  for (const auto name : list) known += (known.empty() ? "" : " ") + std::string(name);
  place.alert(word, std::string("unknown log ") + what + " " + quoted(word.text) + did_you_mean(word.text, list) +
                        " (there are " + known + ")");
  return std::nullopt;
}

bool read_socket_address(const Place& place, const Word& word, LogTarget& target) {
  // Only a last colon outside an address without brackets divides a port: ::1 is an address, [::1]:514 has one.
  std::string_view text = word.text;
  const bool bare_v6 = text.find(':') != text.rfind(':') && text.substr(0, 1) != "[";
  const std::size_t colon = bare_v6 ? std::string_view::npos : text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const auto port = parse_number(text.substr(colon + 1), 1, 65535);
    if (!port) {
      place.alert(word, "port " + port.error().what);
      return false;
    }
    target.port = static_cast<std::uint16_t>(*port);
    text = text.substr(0, colon);
  }
  auto host = parse_host(text);
  if (!host) {
    place.alert(word, host.error().what);
    return false;
  }
  target.address = *host == "localhost" ? "127.0.0.1" : *host;
  return true;
}

bool read_target(const Place& place, const Word& word, LogTarget& target) {
  const std::string& text = word.text;
  if (text == "stdout" || text == "stderr") {
    target.kind = text == "stdout" ? LogTarget::Kind::out : LogTarget::Kind::err;
    return true;
  }
  const std::string path = text.substr(0, 5) == "unix@" ? text.substr(5) : text;
  if (!path.empty() && path[0] == '/') {
    target.kind = LogTarget::Kind::unix_socket;
    target.address = path;
    return true;
  }
  if (text.find('@') != std::string::npos) {
    place.alert(word, quoted(text) +
                          " is a kind of log target that is not supported; there are ADDRESS[:PORT], a socket's "
                          "path, stdout and stderr");
    return false;
  }
  return read_socket_address(place, word, target);
}

/// `len N` and `format F`, in any order; takes them off `words`. False: something was wrong.
bool read_settings(const Place& place, std::span<const Word>& words, LogTarget& target) {
  while (words.size() > 1 && (words[0].text == "len" || words[0].text == "format")) {
    if (words[0].text == "len") {
      const auto length = place.number(words[1], 80, 65535);
      if (!length) return false;
      target.max_length = static_cast<std::size_t>(*length);
    } else {
      const auto format = choose(place, words[1], "format", kFormats);
      if (!format) return false;
      constexpr std::array kValues = {LogFormat::rfc3164, LogFormat::rfc5424, LogFormat::raw, LogFormat::short_,
                                      LogFormat::json};
      target.format = kValues[static_cast<std::size_t>(*format)];
    }
    words = words.subspan(2);
  }
  return true;
}

}  // namespace

std::string_view facility_word(int number) { return kFacilities.at(static_cast<std::size_t>(number)); }

std::optional<LogTarget> parse_log(const Place& place, std::span<const Word> words) {
  const Word& first = words.front();
  LogTarget target;
  const bool usable = read_target(place, first, target);
  words = words.subspan(1);
  if (!read_settings(place, words, target)) return std::nullopt;
  if (words.empty() || words.size() > 3) {
    place.alert(words.empty() ? first : words[3], "expects TARGET [len N] [format F] FACILITY [LEVEL [MINLEVEL]]");
    return std::nullopt;
  }
  const auto facility = choose(place, words[0], "facility", kFacilities);
  const auto level = words.size() > 1 ? choose(place, words[1], "level", kLevels) : std::optional(7);
  const auto min_level = words.size() > 2 ? choose(place, words[2], "level", kLevels) : std::optional(0);
  if (!usable || !facility || !level || !min_level) return std::nullopt;
  target.facility = *facility;
  target.level = *level;
  target.min_level = *min_level;
  return target;
}

}  // namespace kerbgate::config
