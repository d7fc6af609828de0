#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

namespace kerbgate::commands {

/// One line of a terminal that shows how far a long command is, and is gone at the end.
class Progress {
 public:
  /// Writes to `out`, which is the terminal `descriptor`; nothing at all when that is none.
  Progress(std::ostream& out, int descriptor);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  [[nodiscard]] bool shown() const noexcept { return on_; }
  /// Draws it anew, for the width that the terminal has now.
  void show(std::size_t done, std::size_t all, const std::string& noun);
  void clear();

 private:
  std::ostream& out_;
  int descriptor_;
  bool on_;
  std::size_t drawn_ = 0;  ///< columns on the screen
};

/// "[#####.....] 50% 5/10 hosts" in at most `columns`; without the bar where there is no room. Pure.
std::string progress_line(std::size_t done, std::size_t all, const std::string& noun, std::size_t columns);

}  // namespace kerbgate::commands
