#include "settings/flagfile.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace kerbgate {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Whether one of the patterns on the line names the program, by its whole argv[0] or by the last part.
bool names_program(std::string_view line, const std::string& program) {
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find(' ', start), line.size());
    const std::string pattern(line.substr(start, end - start));
    for (const std::string& name : {program, base_name(program)}) {
      if (pattern == name || fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME) == 0) return true;
    }
    start = end + 1;
  }
  return false;
}

/// Lines as gflags cuts them: blanks in front (line ends too) are skipped, then all up to the next CR of the rest of
/// the file, or where there is none up to the next LF. A NUL ends the file.
class Lines {
 public:
  explicit Lines(std::string_view text)
      : text_(text.substr(0, text.find('\0'))), cr_(std::min(text_.find('\r'), text_.size())) {}

  std::optional<std::string_view> next() {
    if (at_ > text_.size()) return std::nullopt;
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    start_ = at_;
    // Looked for once, not from every line anew.
    if (cr_ < at_) cr_ = std::min(text_.find('\r', at_), text_.size());
    const std::size_t end = cr_ < text_.size() ? cr_ : std::min(text_.find('\n', at_), text_.size());
    at_ = end + 1;
    return text_.substr(start_, end - start_);
  }

  /// Of the line that next() gave last.
  std::size_t number() {
    counted_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_to_),
                                                    text_.begin() + static_cast<std::ptrdiff_t>(start_), '\n'));
    counted_to_ = start_;
    return counted_ + 1;
  }

 private:
  std::string_view text_;
  std::size_t cr_;  ///< the first CR at or behind at_; the end: none
  std::size_t at_ = 0, start_ = 0, counted_ = 0, counted_to_ = 0;
};

}  // namespace

std::vector<FlagfileLine> flagfile_lines(std::string_view text, const std::string& program) {
  std::vector<FlagfileLine> all;
  bool relevant = true;
  bool in_names = false;
  Lines lines(text);
  while (const auto line = lines.next()) {
    if (line->empty() || line->front() == '#') continue;
    const bool flag = line->front() == '-';
    // Name lines that follow each other are one list.
    if (!flag) relevant = (in_names && relevant) || names_program(*line, program);
    in_names = !flag;
    all.push_back({flag ? FlagfileLine::Kind::flag : FlagfileLine::Kind::programs, *line, lines.number(), relevant});
  }
  return all;
}

FileFlag flag_of(const FlagfileLine& line) {
  std::string_view text = line.text;
  text.remove_prefix(text.starts_with("--") ? 2 : 1);
  const std::size_t equals = text.find('=');
  FileFlag flag{std::string(text.substr(0, equals)), std::nullopt, line.line};
  std::replace(flag.name.begin(), flag.name.end(), '-', '_');
  if (equals != std::string_view::npos) flag.value = std::string(text.substr(equals + 1));
  return flag;
}

std::vector<FileFlag> read_flagfile(std::string_view text, const std::string& program) {
  std::vector<FileFlag> flags;
  for (const FlagfileLine& line : flagfile_lines(text, program)) {
    if (line.kind == FlagfileLine::Kind::flag && line.counts) flags.push_back(flag_of(line));
  }
  return flags;
}

}  // namespace kerbgate
