#pragma once

#include <chrono>
#include <optional>

#include "check/health.hpp"

/// What a check that looks deeper than TCP makes of a coordinator. Pure.
namespace kerbgate::check {

/// What one look came to.
enum class Look {
  passed,
  quiescing,  ///< it works, and is being shut down: nobody new is to go there
  failed,
  saturated,  ///< failed, and each further look would hold one of its two login threads
  unknown,    ///< this side could not look (no ticket of its own): nothing is said of the coordinator
};

/// The state that many looks add up to.
enum class Deep { unknown, up, drain, down };
const char* deep_word(Deep state);

/// Two failures in a row take a coordinator out, the second looked for soon; one success brings it back. At the start
/// it is believed, and the first failure is enough, as it is of a saturated one. A look that could not be made leaves
/// no state: the TCP check's result alone holds.
class DeepHealth {
 public:
  explicit DeepHealth(std::chrono::milliseconds inter);

  /// One look's outcome; the state then.
  Deep observe(Look look);
  [[nodiscard]] Deep state() const noexcept { return state_; }
  /// Until the next look: `inter`, or at most kSoon while a failure waits to be confirmed, or at most kDown while down.
  [[nodiscard]] std::chrono::milliseconds next_delay() const;

  static constexpr std::chrono::milliseconds kSoon{2000}, kDown{5000};

 private:
  std::chrono::milliseconds inter_;
  Health health_;
  Deep state_ = Deep::unknown;
  bool hold_off_ = false;  ///< the last look was of a saturated one
};

/// The two sources of truth about one server, and what the pool is told.
struct Verdict {
  bool barred = false;     ///< takes no connection at all, whatever the TCP check says
  bool quiescing = false;  ///< takes no new one
  friend bool operator==(const Verdict&, const Verdict&) = default;
};
/// `login` of kerberos-check, `web` of impala-check; unknown where there is no such check. Down beats drain. A state
/// that is not known never takes a server out.
Verdict verdict_of(Deep login, Deep web);

}  // namespace kerbgate::check
