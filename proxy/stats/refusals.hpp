#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "login/refusal.hpp"

namespace kerbgate::stats {

/// A client that was not served, and why. Every text is printable.
struct Refusal {
  std::chrono::system_clock::time_point time;
  std::string client;  ///< address without port
  std::uint16_t port = 0;
  std::string frontend, backend;
  std::string asked;  ///< the service principal of the client's ticket; empty: there was none
  std::string user;   ///< the client's own principal, where the login was verified; empty: not known
  login::Cause cause = login::Cause::none;
  std::string words;  ///< what happened and what to do
};

/// The last of them. Thread-safe, bounded.
class Refusals {
 public:
  void note(Refusal refusal);
  /// Newest first.
  [[nodiscard]] std::vector<Refusal> last() const;
  [[nodiscard]] std::uint64_t total() const;

  static constexpr std::size_t kKept = 256;

 private:
  mutable std::mutex mutex_;
  std::vector<Refusal> ring_;
  std::uint64_t total_ = 0;
};

}  // namespace kerbgate::stats
