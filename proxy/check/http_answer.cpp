#include "check/http_answer.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace kerbgate::check {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; }

/// A header's name, RFC 9110, 5.1.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kMarks.find(c) != std::string_view::npos;
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  HttpAnswer read() {
    while (rest_.starts_with("\n") || rest_.starts_with("\r\n")) rest_.remove_prefix(rest_.find('\n') + 1);
    if (read_head()) {
      out_.state = HttpAnswer::State::head;
      if (chunked_)
        read_chunks();
      else
        read_plain();
    }
    return std::move(out_);
  }

 private:
  bool wrong(const char* what) {
    out_.state = HttpAnswer::State::wrong;
    out_.what = what;
    return false;
  }

  /// False: it is wrong, or not whole yet.
  bool read_head() {
    if (!begins_right()) return wrong("not HTTP");
    const auto first = line();
    if (!first) return false;
    if (!read_status(*first)) return wrong("not HTTP");
    while (const auto header = line()) {
      if (header->empty()) return true;
      if (!read_header(*header)) return wrong("a damaged header");
    }
    return false;
  }

  /// As far as it has come: a server that says something else is not waited for.
  [[nodiscard]] bool begins_right() const {
    constexpr std::string_view kBegin = "HTTP/";
    const std::size_t n = std::min(rest_.size(), kBegin.size());
    return rest_.substr(0, n) == kBegin.substr(0, n) || rest_ == "\r";
  }

  /// Without its end; nullopt when that has not come.
  std::optional<std::string_view> line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view out = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (out.ends_with('\r')) out.remove_suffix(1);
    return out;
  }

  /// HTTP/1.1 200 OK; a reason may be missing.
  bool read_status(std::string_view text) {
    if (text.size() < 12 || !is_digit(text[5]) || text[6] != '.' || !is_digit(text[7]) || text[8] != ' ') return false;
    if (!std::all_of(text.begin() + 9, text.begin() + 12, is_digit)) return false;
    if (text.size() > 12 && text[12] != ' ') return false;
    out_.code = (text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0');
    out_.reason = std::string(trimmed(text.substr(12)));
    return true;
  }

  bool read_header(std::string_view text) {
    if (text.front() == ' ' || text.front() == '\t') return true;  // the one before it goes on
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || !is_token(text.substr(0, colon))) return false;
    if (std::any_of(text.begin(), text.end(), is_control)) return false;
    const std::string_view name = text.substr(0, colon), value = trimmed(text.substr(colon + 1));
    if (same(name, "transfer-encoding")) chunked_ = same(value, "chunked");
    if (!same(name, "content-length")) return true;
    length_ = number(value, 10);
    return length_.has_value();
  }

  void read_plain() {
    const bool none = out_.code == 204 || out_.code == 304;
    if (none) length_ = 0;
    out_.complete = length_ && rest_.size() >= *length_;
    out_.body = std::string(out_.complete ? rest_.substr(0, *length_) : rest_);
  }

  /// A damaged mark ends the body: what stands before it is looked at all the same.
  void read_chunks() {
    while (const auto head = line()) {
      const auto size = number(trimmed(head->substr(0, head->find(';'))), 16);
      out_.complete = !size || *size == 0;  // trailers say nothing to a check
      if (out_.complete) return;
      const std::size_t here = std::min<std::uint64_t>(*size, rest_.size());
      out_.body += rest_.substr(0, here);
      rest_.remove_prefix(here);
      if (here < *size || rest_.empty() || rest_ == "\r") return;
      const auto end = line();
      out_.complete = !end || !end->empty();
      if (out_.complete) return;
    }
  }

  std::string_view rest_;
  HttpAnswer out_;
  bool chunked_ = false;
  std::optional<std::uint64_t> length_;
};

}  // namespace

HttpAnswer HttpAnswer::read(std::string_view bytes) { return Reader(bytes).read(); }

}  // namespace kerbgate::check
