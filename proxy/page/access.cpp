#include "page/access.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace kerbgate::page {
namespace {

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool is_basic(std::string_view scheme) {
  constexpr std::string_view kBasic = "basic";
  if (scheme.size() != kBasic.size()) return false;
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if ((scheme[i] | 0x20) != kBasic[i]) return false;
  return true;
}

}  // namespace

bool same_in_constant_time(std::string_view given, std::string_view wanted) {
  // As many steps as what came has bytes: its sender knows that number already.
  std::size_t different = given.size() ^ wanted.size();
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char other = wanted.empty() ? '\0' : wanted[i % wanted.size()];
    different |= std::size_t(static_cast<unsigned char>(given[i] ^ other));
  }
  return different == 0;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int six = sextet(c);
    if (six < 0) return std::nullopt;
    bits = (bits << 6) | std::uint32_t(six);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += char((bits >> held) & 0xFF);
  }
  return out;
}

std::optional<std::string> user_of(std::string_view authorization, const std::vector<std::string>& auth) {
  const std::size_t space = authorization.find(' ');
  if (space == std::string_view::npos || !is_basic(authorization.substr(0, space))) return std::nullopt;
  std::string_view word = authorization.substr(space + 1);
  while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
  while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
  const std::optional<std::string> given = base64_decoded(word);
  if (!given) return std::nullopt;
  bool known = false;
  for (const std::string& one : auth) known = same_in_constant_time(*given, one) || known;
  if (!known) return std::nullopt;
  return given->substr(0, given->find(':'));
}

std::string random_word(std::size_t n) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, 64> bytes{};
  n = std::min(n, bytes.size());
  for (std::size_t have = 0; have < n;) {
    const ssize_t more = ::getrandom(bytes.data() + have, n - have, 0);
    if (more < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
    if (more > 0) have += std::size_t(more);
  }
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += {kHex[bytes[i] >> 4], kHex[bytes[i] & 15]};
  return out;
}

const std::string& Tokens::of(const std::string& user) {
  std::string& token = tokens_[user];
  if (token.empty()) token = random_word(16);
  return token;
}

bool Tokens::fits(const std::string& user, std::string_view token) { return same_in_constant_time(token, of(user)); }

}  // namespace kerbgate::page
