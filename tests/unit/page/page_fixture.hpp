#pragma once

#include "page/answer.hpp"

/// A proxy's state as values.
namespace kerbgate::page {

inline admin::Snapshot snapshot_of(std::vector<admin::ServerFacts> servers) {
  admin::Snapshot out;
  out.taken = std::chrono::system_clock::from_time_t(1'700'000'000);
  admin::Section& section = out.sections.emplace_back();
  section.name = "impala";
  section.id = 2;
  section.front.emplace();
  section.front->status = "OPEN";
  section.back.emplace();
  section.back->status = "UP";
  section.back->balance = "leastconn";
  section.back->active = 1;
  section.back->servers = std::move(servers);
  return out;
}

inline admin::ServerFacts server_of(const std::string& name, const std::string& status = "UP") {
  admin::ServerFacts out;
  out.name = name;
  out.host = "host1.example.com";
  out.port = 21050;
  out.addresses = {"10.0.0.1:21050"};
  out.status = status;
  out.up = status.starts_with("UP");
  return out;
}

/// "user:password" as a browser sends it.
inline std::string basic(std::string_view words) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "Basic ";
  for (std::size_t i = 0; i < words.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = (bits << 8) | (i + k < words.size() ? static_cast<unsigned char>(words[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > words.size() ? '=' : kDigits[(bits >> (18 - 6 * k)) & 63];
  }
  return out;
}

}  // namespace kerbgate::page
