#include "config/parse.hpp"

#include <algorithm>

#include "config/finish.hpp"
#include "config/keyword.hpp"
#include "config/section.hpp"

namespace kerbgate::config {
namespace {

class Parser {
 public:
  Parser(Draft& draft, Report& report, const Environment& environment)
      : draft_(draft), report_(report), environment_(environment) {}

  void read(const SourceText& file) {
    const auto& lines = report_.lines(file);
    if (const std::size_t nul = file.text.find('\0'); nul != std::string::npos) {
      const auto line = std::count(file.text.begin(), file.text.begin() + static_cast<std::ptrdiff_t>(nul), '\n') + 1;
      return report_.say(Level::alert, {file.name, static_cast<int>(line), 0},
                         "a NUL byte: this is no text file, and nothing of it is read");
    }
    for (std::size_t i = 0; i < lines.size(); ++i) read_line({file.name, static_cast<int>(i) + 1, 0}, lines[i]);
    if (!file.text.empty() && file.text.back() != '\n')
      report_.say(Level::warning, {file.name, static_cast<int>(lines.size()), 0},
                  "the last line has no line end: the file may have been cut off");
    draft_.section = SectionKind::none;
    draft_.proxy = nullptr;
  }

 private:
  void read_line(const Position& at, std::string_view text) {
    const LexedLine line = lex(text, environment_);
    for (const LexProblem& problem : line.problems)
      report_.say(problem.level, {at.file, at.line, problem.column}, problem.message);
    if (line.words.empty()) return;
    if (open_section(draft_, report_, at, line.words)) {
      section_begins_ = true;
      return;
    }
    const bool unknown_section =
        skip_unknown_section(draft_, report_, at, line.words, !section_begins_ && keywords_are_indented_);
    if (section_begins_) keywords_are_indented_ = line.words.front().column > 1;
    section_begins_ = unknown_section;
    if (!unknown_section) read_keyword(at, line.words);
  }

  void read_keyword(const Position& at, std::span<const Word> words) {
    if (draft_.section == SectionKind::skipped) return;
    if (draft_.section != SectionKind::none) return apply_line(draft_, report_, at, words);
    report_.say(Level::alert, {at.file, at.line, words.front().column},
                "unknown keyword " + quoted(words.front().text) +
                    " out of section: a file begins with global, defaults, listen, frontend or backend");
    draft_.section = SectionKind::skipped;  // once is enough: what follows is out of section too
  }

  Draft& draft_;
  Report& report_;
  const Environment& environment_;
  bool section_begins_ = false;         ///< the next keyword is its section's first
  bool keywords_are_indented_ = false;  ///< as the section's first one was
};

}  // namespace

bool Parsed::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(),
                      [](const Diagnostic& d) { return d.level == Level::alert; });
}

Parsed parse(std::span<const SourceText> files, const Environment& environment, const ListReader& lists) {
  Report report(files);
  Draft draft;
  draft.read_list = lists ? lists : [files](const std::string& path) -> Result<std::string> {
    for (const SourceText& file : files)
      if (file.is_list && file.name == path) return file.text;
    return Error{Errc::not_found, "failed to open pattern file <" + path + ">"};
  };
  Parser parser(draft, report, environment);
  for (const SourceText& file : files)
    if (!file.is_list) parser.read(file);
  Parsed out;
  out.config = finish(draft, report);
  out.diagnostics = report.take();
  return out;
}

}  // namespace kerbgate::config
