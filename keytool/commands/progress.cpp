#include "commands/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

namespace kerbgate::commands {
namespace {

constexpr std::size_t kWidest = 60;

std::size_t columns_of(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

Progress::Progress(std::ostream& out, int descriptor)
    : out_(out), descriptor_(descriptor), on_(isatty(descriptor) == 1) {}

void Progress::show(std::size_t done, std::size_t all, const std::string& noun) {
  if (!on_) return;
  clear();
  // The last column stays free: some terminals begin a new line there.
  const std::string line = progress_line(done, all, noun, std::min(columns_of(descriptor_) - 1, kWidest));
  out_ << line << std::flush;
  drawn_ = line.size();
}

void Progress::clear() {
  if (drawn_ == 0) return;
  // A terminal that has become narrower shows the line in several rows.
  const std::size_t rows = (drawn_ - 1) / columns_of(descriptor_);
  if (rows > 0) out_ << "\033[" << rows << 'A';
  out_ << "\r\033[J" << std::flush;
  drawn_ = 0;
}

std::string progress_line(std::size_t done, std::size_t all, const std::string& noun, std::size_t columns) {
  const std::size_t percent = all == 0 ? 100 : done * 100 / all;
  const std::string count =
      std::to_string(percent) + "% " + std::to_string(done) + "/" + std::to_string(all) + " " + noun;
  constexpr std::size_t kAround = 3, kLeast = 5;
  if (columns < count.size() + kAround + kLeast) return count.substr(0, columns);
  const std::size_t width = columns - count.size() - kAround;
  const std::size_t full = all == 0 ? width : width * done / all;
  return "[" + std::string(full, '#') + std::string(width - full, '.') + "] " + count;
}

}  // namespace kerbgate::commands
