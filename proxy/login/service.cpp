#include "login/service.hpp"

#include <algorithm>
#include <cstddef>

namespace kerbgate::login {
namespace {

constexpr std::size_t kMaxServed = 3;

/// The first `wanted` that no backslash escapes; the end when there is none.
std::size_t find_unescaped(std::string_view text, char wanted) {
  for (std::size_t i = 0; i < text.size(); i += text[i] == '\\' ? 2 : 1) {
    if (text[i] == wanted) return i;
  }
  return text.size();
}

struct Served {
  std::string_view name, realm;  ///< realm empty: not compared
};

Served parse_served(std::string_view principal) {
  const std::size_t at = find_unescaped(principal, '@');
  return {principal.substr(0, at), at < principal.size() ? principal.substr(at + 1) : std::string_view{}};
}

bool same_but_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// How far a ticket is from one served principal.
Cause compare(const Ticket& ticket, const Served& served) {
  if (ticket.service == served.name) {
    return served.realm.empty() || served.realm == ticket.realm ? Cause::none : Cause::wrong_realm;
  }
  if (same_but_case(ticket.service, served.name)) return Cause::wrong_case;
  const ServiceName asked = split_service(ticket.service), wanted = split_service(served.name);
  return !asked.service.empty() && asked.host == wanted.host ? Cause::wrong_service : Cause::wrong_host;
}

/// The smaller, the nearer: the remedy for the smallest difference is the one to give.
int distance(Cause cause) {
  switch (cause) {
    case Cause::none:
      return 0;
    case Cause::wrong_realm:
      return 1;
    case Cause::wrong_case:
      return 2;
    case Cause::wrong_service:
      return 3;
    default:
      return 4;
  }
}

std::string list(const std::vector<std::string>& principals) {
  std::string line;
  for (std::size_t i = 0; i < std::min(principals.size(), kMaxServed); ++i) {
    line += (i == 0 ? "" : " or ") + principals[i];
  }
  return line;
}

}  // namespace

ServiceName split_service(std::string_view name) {
  const std::size_t slash = find_unescaped(name, '/');
  if (slash == name.size()) return {{}, name};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

ServiceVerdict judge_service(const Ticket& ticket, const std::vector<std::string>& principals) {
  if (principals.empty()) return {};
  Cause cause = Cause::wrong_host;
  std::string_view nearest = principals.front();
  for (const std::string& principal : principals) {
    const Cause found = compare(ticket, parse_served(principal));
    if (distance(found) < distance(cause)) {
      cause = found;
      nearest = principal;
    }
  }
  if (cause == Cause::none) return {};
  const ServiceName wanted = split_service(parse_served(nearest).name);
  const std::string asked = ticket.service + "@" + ticket.realm, served = list(principals);
  return {cause,
          refusal(cause, {{"asked", asked}, {"served", served}, {"host", wanted.host}, {"service", wanted.service}})};
}

std::string served_host(const std::vector<std::string>& principals) {
  if (principals.empty()) return "the name of the proxy";
  return std::string(split_service(parse_served(principals.front()).name).host);
}

}  // namespace kerbgate::login
