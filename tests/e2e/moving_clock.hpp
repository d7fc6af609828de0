#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "support/realm.hpp"

namespace kerbgate::e2e {

/// A clock that children see in place of the system's; it is right until it is told otherwise.
class MovingClock {
 public:
  explicit MovingClock(const TempDir& dir) : file_(dir / "clock") {
    write_file(file_, std::string(sizeof(std::int64_t), '\0'));
  }
  [[nodiscard]] Environment environment() const { return Realm::moving_clock(file_); }
  /// In place: those who look at it have it mapped.
  void ahead(std::int64_t seconds) {
    std::fstream file(file_, std::ios::binary | std::ios::in | std::ios::out);
    file.write(reinterpret_cast<const char*>(&seconds), sizeof seconds);
  }

 private:
  std::string file_;
};

}  // namespace kerbgate::e2e
