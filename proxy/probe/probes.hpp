#pragma once

#include <memory>
#include <vector>

#include "kerbgate/fd.hpp"
#include "probe/target.hpp"

namespace kerbgate::probe {

/// Looks at every target, each in its interval, on a few threads. A slow coordinator holds up one of them for as long
/// as a look may last, and neither the keeper nor a client.
class Probes {
 public:
  /// So many, and one more for every kPlaces of them up to kMostThreads.
  static constexpr std::size_t kThreads = 8, kPlaces = 64, kMostThreads = 32;

  /// `resolver` must live as long as the process.
  explicit Probes(Resolver& resolver);
  /// Ends the threads that are not in the middle of a look; see all_ended().
  ~Probes();
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;

  /// What is looked at from now on. A target that stays keeps its state and its turn, with the new addresses; what the
  /// worker should know of it is due again. Threads start with the first target.
  void adopt(std::vector<Target> targets);
  /// Readable while take() has something.
  [[nodiscard]] int fd() const noexcept;
  /// What has been seen since the last call: the last look of each target.
  std::vector<stats::CoordinatorCheck> take();
  /// Ends them; whether all have ended within a moment. Where not, the process must leave without its destructors: a
  /// look may be in the middle of libkrb5 or OpenSSL.
  bool stop();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace kerbgate::probe
