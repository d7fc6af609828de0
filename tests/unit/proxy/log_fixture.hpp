#pragma once

#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "log/record.hpp"

namespace kerbgate::log {

/// Local time is that of this zone (POSIX form) for the length of a test.
class Zone {
 public:
  explicit Zone(const char* zone) {
    const char* before = getenv("TZ");
    had_ = before != nullptr;
    if (before) before_ = before;
    setenv("TZ", zone, 1);
    tzset();
  }
  ~Zone() {
    if (had_)
      setenv("TZ", before_.c_str(), 1);
    else
      unsetenv("TZ");
    tzset();
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

 private:
  bool had_;
  std::string before_;
};

/// A moment given in local time, as strptime(3) reads `%d/%b/%Y:%H:%M:%S`, and milliseconds.
inline std::chrono::system_clock::time_point moment(const char* text, int ms = 0) {
  std::tm local{};
  EXPECT_NE(strptime(text, "%d/%b/%Y:%H:%M:%S", &local), nullptr) << text;
  local.tm_isdst = -1;
  return std::chrono::system_clock::from_time_t(mktime(&local)) + std::chrono::milliseconds(ms);
}

/// The session of the example in HAProxy's manual.
inline Session example() {
  Session s;
  s.client_address = "10.0.1.2";
  s.client_port = 33313;
  s.accepted = moment("06/Feb/2009:12:12:51", 443);
  s.frontend = "fnt";
  s.backend = "bck";
  s.server = "srv1";
  s.queue_ms = s.connect_ms = 0;
  s.total_ms = 5007;
  s.bytes_out = 212;
  s.retries = 3;
  return s;
}

}  // namespace kerbgate::log
