#include "log/render.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "log/date.hpp"

namespace kerbgate::log {
namespace {

using config::LogFormat;
using config::LogTarget;

constexpr std::array<std::string_view, 8> kLevels = {"emerg",   "alert",  "crit", "err",
                                                     "warning", "notice", "info", "debug"};

/// Graver messages than min_level are sent as min_level.
int severity(const LogTarget& target, Priority priority) {
  return std::clamp(std::max(static_cast<int>(priority), target.min_level), 0, 7);
}

void append_bracketed(std::string& out, int number) {
  out += '<';
  out += std::to_string(number);
  out += '>';
}

/// A header field of RFC 5424: printable, without blanks, bounded, never empty.
void append_word(std::string& out, const std::string& word, std::size_t max) {
  out += ' ';
  if (word.empty()) out += '-';
  for (const char c : std::string_view(word).substr(0, max)) out += c > ' ' && c < 0x7f ? c : '_';
}

void append_line(std::string& out, std::string_view message) {
  const auto at = out.size();
  out += message;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(at), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
}

/// Cuts before a UTF-8 sequence rather than within it.
void cut(std::string& out, std::size_t max) {
  if (out.size() <= max) return;
  while (max > 0 && (static_cast<unsigned char>(out[max]) & 0xc0) == 0x80) --max;
  out.resize(max);
}

boost::json::object json_header(const LogTarget& target, Priority priority, WallTime now, const std::string& host,
                                const std::string& tag, int pid) {
  std::string time;
  append_iso_date(time, now);
  return {{"time", time},
          {"level", boost::json::string_view(kLevels[static_cast<std::size_t>(severity(target, priority))])},
          {"host", printable(host)},
          {"program", printable(tag)},
          {"pid", pid}};
}

bool ascii_line(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

/// The object with a shorter and shorter message until it fits.
std::string fitted(boost::json::object object, std::string message, std::size_t max) {
  for (;;) {
    object["message"] = message;
    std::string out = boost::json::serialize(object);
    if (out.size() <= max || message.empty()) return out;
    const std::size_t excess = out.size() - max;
    message.resize(message.size() - std::min(message.size(), std::max<std::size_t>(excess / 2, 1)));
  }
}

std::string_view members_of(std::string_view object) {
  if (object.size() < 2 || object.front() != '{' || object.back() != '}') return {};
  return object.substr(1, object.size() - 2);
}

/// The header's members and as many of the object's as fit.
std::string truncated(boost::json::object out, std::string_view object, std::size_t max) {
  out["truncated"] = true;
  std::size_t size = boost::json::serialize(out).size();
  const auto parsed = boost::json::parse(boost::json::string_view(object.data(), object.size()));
  for (const auto& member : parsed.as_object()) {
    const std::size_t more = boost::json::serialize(boost::json::object{{member.key(), member.value()}}).size() - 1;
    if (size + more > max) continue;
    out.emplace(member.key(), member.value());
    size += more;
  }
  return boost::json::serialize(out);
}

}  // namespace

std::string render(const LogTarget& target, Priority priority, std::string_view message, WallTime now,
                   const std::string& host, const std::string& tag, int pid) {
  const int level = severity(target, priority);
  std::string out;
  out.reserve(message.size() + host.size() + tag.size() + 80);
  switch (target.format) {
    case LogFormat::raw:
      break;
    case LogFormat::short_:
      append_bracketed(out, level);
      break;
    case LogFormat::rfc3164:
      append_bracketed(out, target.facility * 8 + level);
      append_syslog_date(out, now);
      out += ' ';
      out += tag;
      out += '[';
      out += std::to_string(pid);
      out += "]: ";
      break;
    case LogFormat::rfc5424:
      append_bracketed(out, target.facility * 8 + level);
      out += "1 ";
      append_iso_date(out, now);
      append_word(out, host, 255);
      append_word(out, tag, 48);
      append_word(out, std::to_string(pid), 128);
      out += " - - ";
      break;
    case LogFormat::json:
      return fitted(json_header(target, priority, now, host, tag, pid),
                    ascii_line(message) ? std::string(message) : printable(message, message.size()), target.max_length);
  }
  append_line(out, message);
  cut(out, target.max_length);
  return out;
}

std::string render_object(const LogTarget& target, Priority priority, std::string_view object, WallTime now,
                          const std::string& host, const std::string& tag, int pid) {
  if (target.format != LogFormat::json) {
    std::string out = render(target, priority, "", now, host, tag, pid);
    const std::size_t room = target.max_length - std::min(target.max_length, out.size());
    return out + (object.size() <= room ? std::string(object) : truncated({}, object, room));
  }
  boost::json::object header = json_header(target, priority, now, host, tag, pid);
  const std::string_view members = members_of(object);
  std::string out = boost::json::serialize(header);
  if (members.empty()) return out;
  out.back() = ',';
  out += members;
  out += '}';
  return out.size() <= target.max_length ? out : truncated(std::move(header), object, target.max_length);
}

}  // namespace kerbgate::log
