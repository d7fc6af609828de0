#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/result.hpp"

struct x509_st;

namespace kerbgate::net::tls {

/// What there is to know of a certificate: for the choice by SNI, for warnings, for statistics.
struct Certificate {
  std::string file;                ///< where it came from; empty: from the wire
  std::string subject, issuer;     ///< RFC 2253: "CN=proxy.example.com,O=Example"
  std::string serial;              ///< hexadecimal
  std::vector<std::string> names;  ///< subjectAltName: DNS names in lower case, then addresses
  std::chrono::system_clock::time_point begins, ends;

  /// Whether clients that ask for `host` (lower case) may take it: a name of subjectAltName, or a wildcard for its
  /// first label (RFC 6125). The subject's CN does not count: Java's and Python's clients do not look at it.
  [[nodiscard]] bool covers(std::string_view host) const;
};

Certificate describe(x509_st* certificate, std::string file);

/// What an operator should know before users do: not valid yet, expired, less than 30 days left, and which of `wanted`
/// it does not cover. One text each.
std::vector<std::string> doubts(const Certificate& certificate, std::span<const std::string> wanted,
                                std::chrono::system_clock::time_point now);

}  // namespace kerbgate::net::tls
