#include "log/date.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace kerbgate::log {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Second {
  std::time_t at = -1;
  std::tm local{};
};

/// The second that `when` falls in; earlier than 1970 counts as its first second.
const Second& second_of(std::int64_t seconds) {
  thread_local Second kept;
  if (kept.at != seconds) {
    kept.at = static_cast<std::time_t>(seconds);
    localtime_r(&kept.at, &kept.local);
  }
  return kept;
}

std::int64_t micros_of(WallTime when) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(when.time_since_epoch()).count();
  return micros < 0 ? 0 : micros;
}

void digits(std::string& out, int value, int width, char fill = '0') {
  char text[8];
  for (int i = width; i-- > 0; value /= 10)
    text[i] = value > 0 || i == width - 1 ? static_cast<char>('0' + value % 10) : fill;
  out.append(text, static_cast<std::size_t>(width));
}

void time_of_day(std::string& out, const std::tm& local) {
  digits(out, local.tm_hour, 2);
  out += ':';
  digits(out, local.tm_min, 2);
  out += ':';
  digits(out, local.tm_sec, 2);
}

std::string_view month(const std::tm& local) { return kMonths[static_cast<std::size_t>(local.tm_mon)]; }

void day_and_time(std::string& out, const std::tm& day) {
  digits(out, day.tm_mday, 2);
  out += '/';
  out += month(day);
  out += '/';
  digits(out, day.tm_year + 1900, 4);
  out += ':';
  time_of_day(out, day);
}

void append_offset(std::string& out, const std::tm& local, const char* between) {
  const int minutes = static_cast<int>(local.tm_gmtoff / 60);
  out += minutes < 0 ? '-' : '+';
  digits(out, std::abs(minutes) / 60, 2);
  out += between;
  digits(out, std::abs(minutes) % 60, 2);
}

}  // namespace

void append_syslog_date(std::string& out, WallTime when) {
  const std::tm& local = second_of(micros_of(when) / 1'000'000).local;
  out += month(local);
  out += ' ';
  digits(out, local.tm_mday, 2, ' ');
  out += ' ';
  time_of_day(out, local);
}

void append_haproxy_date(std::string& out, WallTime when) {
  const std::int64_t micros = micros_of(when);
  day_and_time(out, second_of(micros / 1'000'000).local);
  out += '.';
  digits(out, static_cast<int>(micros / 1000 % 1000), 3);
}

void append_haproxy_seconds(std::string& out, WallTime when) {
  const std::tm& local = second_of(micros_of(when) / 1'000'000).local;
  day_and_time(out, local);
  out += ' ';
  append_offset(out, local, "");
}

void append_haproxy_gmt(std::string& out, WallTime when) {
  const auto seconds = static_cast<std::time_t>(micros_of(when) / 1'000'000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  day_and_time(out, utc);
  out += " +0000";
}

void append_iso_date(std::string& out, WallTime when) {
  const std::int64_t micros = micros_of(when);
  const std::tm& local = second_of(micros / 1'000'000).local;
  digits(out, local.tm_year + 1900, 4);
  out += '-';
  digits(out, local.tm_mon + 1, 2);
  out += '-';
  digits(out, local.tm_mday, 2);
  out += 'T';
  time_of_day(out, local);
  out += '.';
  digits(out, static_cast<int>(micros % 1'000'000), 6);
  append_offset(out, local, ":");
}

}  // namespace kerbgate::log
