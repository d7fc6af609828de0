#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace kerbgate::e2e {

/// A directory of one test, below TMPDIR; gone with all its contents at the end, unless KERBGATE_KEEP is set.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::string& path);
/// Replaces the file as a whole: a reader sees the old text or the new one.
void write_file(const std::string& path, std::string_view text);

}  // namespace kerbgate::e2e
