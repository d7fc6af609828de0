#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_set>

#include "kerbgate/acceptor.hpp"

namespace kerbgate::login {

/// Which authenticators have been seen, for as long as their time makes them acceptable: one that comes a second time
/// is somebody else's copy. Thread-safe: one short lock a call. Only verified logins belong in it, so that nobody
/// without a ticket fills it; beyond its size it takes no new ones, since to forget an old one would let it in again.
class ReplayCache {
 public:
  using Time = std::chrono::system_clock::time_point;
  enum class Seen { first, again, full };

  explicit ReplayCache(std::size_t most = kMost) : most_(most) {}

  /// `until`: when the authenticator's own time has left the allowed skew.
  Seen see(const kerbgate::Login::Id& id, Time until, Time now);
  [[nodiscard]] std::size_t size() const;

  static constexpr std::size_t kMost = 1u << 20;

 private:
  struct Hash {
    std::size_t operator()(const kerbgate::Login::Id& id) const noexcept {
      std::size_t out = 0;  // made by a keyed checksum: any octets of it will do
      std::memcpy(&out, id.data(), std::min(sizeof out, id.size()));
      return out;
    }
  };
  using Slice = std::unordered_set<kerbgate::Login::Id, Hash>;
  static constexpr std::chrono::seconds kSlice{30};

  mutable std::mutex mutex_;
  std::size_t most_, size_ = 0;
  std::map<std::int64_t, Slice> slices_;  ///< by the end of their time, in slices since 1970
};

}  // namespace kerbgate::login
