#include "config/lexer.hpp"

#include <optional>

namespace kerbgate::config {
namespace {

constexpr std::string_view kNoBreakSpace = "\xc2\xa0";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return begins_name(c) || is_digit(c); }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Lexer {
 public:
  Lexer(std::string_view line, const Environment& environment) : line_(line), environment_(environment) {}

  LexedLine run() {
    while (!failed_ && skip_blanks()) {
      Word word{{}, static_cast<int>(at_) + 1};
      read_word(word.text);
      if (word.text.empty() && !failed_) {
        warn(static_cast<std::size_t>(word.column) - 1, "an empty word ends the line here: nothing after it is read");
        break;
      }
      out_.words.push_back(std::move(word));
    }
    if (failed_) out_.words.clear();
    return std::move(out_);
  }

 private:
  /// False at the end of what is to be read.
  bool skip_blanks() {
    while (at_ < line_.size()) {
      if (is_blank(line_[at_])) {
        ++at_;
      } else if (at_no_break_space()) {
        if (!warned_of_space_) warn(at_, "a no-break space (as web pages have) is taken for a blank");
        warned_of_space_ = true;
        at_ += kNoBreakSpace.size();
      } else {
        return line_[at_] != '#';
      }
    }
    return false;
  }

  void read_word(std::string& word) {
    while (at_ < line_.size() && !failed_) {
      const char c = line_[at_];
      if (is_blank(c) || at_no_break_space()) return;
      if (c == '#') return warn(at_, "'#' begins a comment here: write \\# or quotes if it belongs to the word");
      if (c == '\'')
        read_single_quoted(word);
      else if (c == '"')
        read_double_quoted(word);
      else if (c == '\\')
        read_escape(word, false);
      else
        take(word);
    }
  }

  void read_single_quoted(std::string& word) {
    const std::size_t open = at_++;
    while (at_ < line_.size() && line_[at_] != '\'') {
      take(word);
      if (failed_) return;
    }
    close_quote(open, "unmatched single quote");
  }

  void read_double_quoted(std::string& word) {
    const std::size_t open = at_++;
    while (at_ < line_.size() && line_[at_] != '"') {
      if (line_[at_] == '\\')
        read_escape(word, true);
      else if (line_[at_] == '$')
        read_variable(word);
      else
        take(word);
      if (failed_) return;
    }
    close_quote(open, "unmatched double quote");
  }

  void close_quote(std::size_t open, const char* unmatched) {
    if (at_ >= line_.size()) return fail(open, unmatched);
    ++at_;
  }

  void take(std::string& word) {
    if (line_[at_] == '\0') return fail(at_, "a NUL byte: the file is damaged or no text");
    word += line_[at_++];
  }

  void read_escape(std::string& word, bool between_double_quotes) {
    const char next = at_ + 1 < line_.size() ? line_[at_ + 1] : '\0';
    switch (next) {
      case ' ':
      case '#':
      case '\\':
      case '"':
      case '\'':
        word += next;
        break;
      case 'n':
        word += '\n';
        break;
      case 'r':
        word += '\r';
        break;
      case 't':
        word += '\t';
        break;
      case 'x':
        return read_hex(word);
      default:
        if (next != '$' || !between_double_quotes) return take(word);  // the backslash itself stays
        word += '$';
    }
    at_ += 2;
  }

  void read_hex(std::string& word) {
    const int high = at_ + 2 < line_.size() ? hex_digit(line_[at_ + 2]) : -1;
    const int low = at_ + 3 < line_.size() ? hex_digit(line_[at_ + 3]) : -1;
    if (high < 0 || low < 0) return fail(at_, "\\x needs two hexadecimal digits");
    if (high == 0 && low == 0) return fail(at_, "\\x00: no word may hold a NUL byte");
    word += static_cast<char>(high * 16 + low);
    at_ += 4;
  }

  /// At a `$` between double quotes.
  void read_variable(std::string& word) {
    const std::size_t start = at_++;
    const bool braced = at_ < line_.size() && line_[at_] == '{';
    if (braced) ++at_;
    const std::size_t begin = at_;
    while (at_ < line_.size() && in_name(line_[at_])) ++at_;
    const std::string name(line_.substr(begin, at_ - begin));
    if (name.empty() || !begins_name(name[0]))
      return fail(start, "'$' needs a variable's name (a letter or '_' first); write \\$ for the character itself");
    std::optional<std::string> fallback;
    if (braced && !read_brace_end(start, fallback)) return;
    expand(start, name, fallback, word);
  }

  /// After the name in `${NAME`. False: failed.
  bool read_brace_end(std::size_t start, std::optional<std::string>& fallback) {
    const std::string_view rest = line_.substr(at_);
    if (rest.substr(0, 3) == "[*]") {
      fail(start, "'${NAME[*]}' is not supported: write the words in the file, or one variable a word");
      return false;
    }
    const std::size_t end = rest.find('}');
    if (end == std::string_view::npos || (end > 0 && rest[0] != '-')) {
      fail(start, "unmatched brace in an environment variable's name");
      return false;
    }
    if (end > 0) fallback = std::string(rest.substr(1, end - 1));
    at_ += end + 1;
    return true;
  }

  void expand(std::size_t start, const std::string& name, const std::optional<std::string>& fallback,
              std::string& word) {
    const std::optional<std::string> value = environment_ ? environment_(name) : std::nullopt;
    if (value) {
      word += *value;
    } else if (fallback) {
      word += *fallback;
    } else {
      warn(start, "environment variable " + quoted(name) + " is not set: nothing stands in its place");
    }
  }

  [[nodiscard]] bool at_no_break_space() const { return line_.substr(at_, kNoBreakSpace.size()) == kNoBreakSpace; }

  void warn(std::size_t offset, std::string message) {
    out_.problems.push_back({Level::warning, static_cast<int>(offset) + 1, std::move(message)});
  }
  void fail(std::size_t offset, std::string message) {
    out_.problems.push_back({Level::alert, static_cast<int>(offset) + 1, std::move(message)});
    failed_ = true;
  }

  std::string_view line_;
  const Environment& environment_;
  LexedLine out_;
  std::size_t at_ = 0;
  bool failed_ = false;
  bool warned_of_space_ = false;
};

}  // namespace

LexedLine lex(std::string_view line, const Environment& environment) { return Lexer(line, environment).run(); }

}  // namespace kerbgate::config
