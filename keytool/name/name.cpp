#include "kerbgate/name.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "kerbgate/printable.hpp"
#include "kerbgate/quoted.hpp"
#include "kerbgate/resolver.hpp"

namespace kerbgate {
namespace {

constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestName = 253;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_'; }

std::string lower(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

/// Why a label is none; nullptr when it is one.
const char* label_fault(std::string_view label) {
  if (label.empty()) return "has an empty label (two dots in a row, or one in front)";
  if (label.size() > kLongestLabel) return "has a label of more than 63 characters";
  if (label.front() == '-' || label.back() == '-') return "has a label that begins or ends with '-'";
  return nullptr;
}

/// What is wrong with a folded name without its trailing dot; empty when it is a name.
std::string name_fault(std::string_view name) {
  const auto bad = std::find_if(name.begin(), name.end(), [](char c) { return c != '.' && !is_name_character(c); });
  if (bad != name.end()) {
    return "has '" + printable({&*bad, 1}) + "' at character " + std::to_string(bad - name.begin() + 1) +
           ": a host name holds letters, digits, '-', '_' and dots";
  }
  if (name.size() > kLongestName) return "is longer than 253 characters";
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t dot = std::min(name.find('.', start), name.size());
    if (const char* fault = label_fault(name.substr(start, dot - start))) return fault;
    start = dot + 1;
  }
  return {};
}

bool ends_in_number(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  return std::all_of(last.begin(), last.end(), is_digit);
}

/// The old forms that getaddrinfo still takes: 127.1, 0x7f000001, 10.
bool is_loose_ipv4(const std::string& text) {
  constexpr std::string_view kCharacters = "0123456789abcdefxABCDEFX.";
  if (text.find_first_not_of(kCharacters) != std::string::npos) return false;
  in_addr ignored;
  return inet_aton(text.c_str(), &ignored) == 1;
}

struct Split {
  std::string_view host;
  std::string_view port;
  bool has_port = false;
};

/// Where host and port part; nullopt when brackets do not match.
std::optional<Split> split(std::string_view text) {
  if (!text.starts_with('[')) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return Split{text, {}, false};
    if (text.find(':') != colon) return Split{text, {}, false};  // IPv6 without brackets
    return Split{text.substr(0, colon), text.substr(colon + 1), true};
  }
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(close + 1);
  const std::string_view host = text.substr(1, close - 1);
  if (rest.empty()) return Split{host, {}, false};
  if (!rest.starts_with(':')) return std::nullopt;
  return Split{host, rest.substr(1), true};
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

/// A name, short or full, or an address.
std::string host_fault(std::string_view host, bool bracketed) {
  if (host.empty()) return "has no host";
  if (host.find(':') != std::string_view::npos || bracketed) {
    return IpAddress::parse(host) ? "" : "holds no valid IPv6 address";
  }
  const std::string folded = lower(host.ends_with('.') ? host.substr(0, host.size() - 1) : host);
  return name_fault(folded);
}

}  // namespace

Result<Fqdn> Fqdn::parse(std::string_view text) {
  const auto refuse = [&](const std::string& why) { return Error(Errc::invalid, quoted(text) + " " + why); };
  if (text.empty()) return Error(Errc::invalid, "the host name is empty; give a fully qualified one");
  if (is_ip_address(text)) return refuse("is an IP address; give a host name: Kerberos tickets are for names");
  std::string name = lower(text);
  if (name.ends_with('.')) name.pop_back();
  if (const std::string fault = name_fault(name); !fault.empty()) return refuse(fault);
  if (name.find('.') == std::string::npos) {
    return refuse("is not fully qualified; give the whole name, as in " + name + ".example.com");
  }
  if (ends_in_number(name)) return refuse("ends in a number, as only an address does; give a host name");
  return Fqdn(std::move(name));
}

bool is_ip_address(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    const auto inner = IpAddress::parse(text.substr(1, text.size() - 2));
    return inner && inner->v6;
  }
  return IpAddress::parse(text).ok() || is_loose_ipv4(std::string(text));
}

Result<HostPort> HostPort::parse(std::string_view text, std::uint16_t default_port) {
  const auto refuse = [&](const std::string& why) { return Error(Errc::invalid, quoted(text) + " " + why); };
  const auto parts = split(text);
  if (!parts) return refuse("has a bracket that does not match; write [ADDRESS]:PORT");
  if (const std::string fault = host_fault(parts->host, text.starts_with('[')); !fault.empty()) return refuse(fault);
  if (!parts->has_port && default_port == 0) {
    const bool bare_v6 = parts->host.find(':') != std::string_view::npos && !text.starts_with('[');
    return refuse(bare_v6 ? "has no port; write [ADDRESS]:PORT" : "has no port; write HOST:PORT");
  }
  const auto port = parts->has_port ? port_number(parts->port) : default_port;
  if (!port) return refuse("has no valid port after the colon: a number from 1 to 65535");
  return HostPort{lower(parts->host), *port};
}

std::string HostPort::str() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace kerbgate
