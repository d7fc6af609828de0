#include "text_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "kerbgate/fd.hpp"
#include "kerbgate/replace_file.hpp"

namespace kerbgate {
namespace {

constexpr std::size_t kLargest = std::size_t{16} << 20;

}  // namespace

Result<std::string> read_text(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error(errno, "open " + path);
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(errno, "read " + path);
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > kLargest)
      return Error(Errc::invalid, "read " + path + ": larger than 16 MiB; is it the right file?");
  }
}

Result<void> replace_text(const std::string& path, std::string_view text) {
  namespace fs = std::filesystem;
  const std::string directory = fs::path(path).parent_path().empty() ? "." : fs::path(path).parent_path().string();
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return system_error(error.value(), "make directory " + directory);
  return replace_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, 0644);
}

}  // namespace kerbgate
