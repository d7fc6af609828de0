#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/source.hpp"

namespace kerbgate::config {

/// Collects what is to be said about the texts, each with the line it is about. Refers to the texts: they must outlive
/// it.
class Report {
 public:
  explicit Report(std::span<const SourceText> files);

  void say(Level level, const Position& at, std::string message);
  /// True the first time that `key` is asked for: what is said once, not for every line that repeats it.
  bool first(const std::string& key) { return said_.insert(key).second; }
  [[nodiscard]] bool has_alert() const noexcept { return has_alert_; }

  /// The lines of one file, without their ends (LF or CR LF).
  [[nodiscard]] const std::vector<std::string_view>& lines(const SourceText& file) const {
    return lines_.at(file.name);
  }

  /// Everything said, in the order of the text; what belongs to no line comes last.
  std::vector<Diagnostic> take();

 private:
  std::map<std::string, std::vector<std::string_view>, std::less<>> lines_;
  std::map<std::string, std::size_t, std::less<>> file_order_;
  std::vector<Diagnostic> diagnostics_;
  std::set<std::string> said_;
  std::size_t alerts_ = 0;
  bool has_alert_ = false;
};

}  // namespace kerbgate::config
