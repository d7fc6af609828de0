#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kerbgate/resolver.hpp"

/// What answers about a name make of the servers that stand for it. Pure: `now` is given, and whoever found the
/// candidates (DNS, or another source) is no matter.
namespace kerbgate::resolve {

using Clock = std::chrono::steady_clock;
using Now = Clock::time_point;
using Millis = std::chrono::milliseconds;

/// One who may take a slot. Known by host:port where it has a name of its own (SRV), else by its address.
struct Candidate {
  std::string host;                       ///< lower case; empty: it has none
  std::vector<IpAddress> addresses;       ///< empty: it is there, its address cannot be had just now
  std::uint16_t port = 0;                 ///< 0: the slot's own
  std::optional<std::uint32_t> weight{};  ///< 0 to 256; unset: the slot's own
  bool fallback = false;   ///< the preferred family could not be asked for: its address in that family stays
  bool quiescing = false;  ///< it is there, and takes nobody new

  [[nodiscard]] std::string key() const;
};

enum class Verdict : std::uint8_t { valid, nx, timeout, refused, other };

struct Answer {
  Verdict verdict = Verdict::other;
  std::vector<Candidate> found;  ///< when valid
  std::string by;                ///< "resolvers/nameserver"
  /// The preferred family could not be asked for: not believed while addresses of that family are in use.
  bool fallback = false;
  std::string trouble{};  ///< when not valid: why, in words; empty: HAProxy's words for the verdict
  std::string gone{};     ///< what is said of one who is not named any more; empty: HAProxy's words
};

/// How long the last good answer outlives a failure; `obsolete`: a candidate that is not named any more.
struct Holds {
  Millis nx{30'000}, timeout{30'000}, refused{30'000}, other{30'000}, obsolete{0};
};

struct SlotsConf {
  std::vector<std::string> names;  ///< of the slots
  bool prefer_ipv4 = false;
  bool shared = false;  ///< one candidate may stand in several slots
  bool ignore_weight = false;
  Holds holds;
};

/// Who is in a slot.
struct Seat {
  std::string key;
  IpAddress address;
  std::uint16_t port = 0;
  std::optional<std::uint32_t> weight{};
  bool quiescing = false;
  friend bool operator==(const Seat&, const Seat&) = default;
};

struct Slot {
  std::optional<Seat> seat{};
  std::string key{};  ///< of whoever is in it or was the last
  std::string why{};  ///< with a seat: who says so; without: why there is none, in HAProxy's words
};

/// The slots of one name in one backend. A candidate keeps its slot while it is named; one that comes back takes the
/// slot that it had, while nobody else is there. Others come in the order of their addresses, so that it does not
/// matter in which order they were named; those that take nobody new come last.
class Slots {
 public:
  /// `before`: what was there until now, by slot.
  Slots(SlotsConf conf, const std::map<std::string, Slot>& before, Now now);

  /// The slots that have changed.
  std::vector<std::size_t> hear(const Answer& answer, Now now);

  [[nodiscard]] const SlotsConf& conf() const noexcept { return conf_; }
  [[nodiscard]] const Slot& slot(std::size_t index) const { return slots_.at(index).shown; }
  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }
  /// Candidates of the last good answer for whom there was no slot.
  [[nodiscard]] std::size_t left_over() const noexcept { return left_over_; }

 private:
  struct State {
    Slot shown;
    Now seen{};  ///< its candidate was named
  };
  using Known = std::map<std::string, const Candidate*>;  ///< by key
  struct Open {
    std::vector<std::size_t> left, vacant;  ///< slots whose candidate has gone; those that nobody is in
  };
  std::vector<std::size_t> fail(const Answer& answer, Now now);
  [[nodiscard]] Known usable(const std::vector<Candidate>& found) const;
  [[nodiscard]] bool doubted(const Answer& answer) const;
  Open keep_all(const Known& known, const std::string& by, Now now, std::vector<std::size_t>& changed);
  /// Candidates that are in no slot, in order.
  [[nodiscard]] std::vector<const Candidate*> free_of(const Known& known) const;
  void return_to_their_own(Open& open, std::vector<const Candidate*>& free, const std::string& by, Now now,
                           std::vector<std::size_t>& changed);
  void fill(const Open& open, std::vector<const Candidate*> free, const Known& known, const Answer& answer, Now now,
            std::vector<std::size_t>& changed);
  void vacate(std::size_t slot, const std::string& why, std::vector<std::size_t>& changed);
  bool keep(State& state, const Candidate& candidate, const std::string& by, Now now);
  void seat(State& state, const Candidate& candidate, const std::string& by, Now now);
  [[nodiscard]] std::optional<IpAddress> address_of(const Candidate& candidate) const;
  [[nodiscard]] bool preferred(const IpAddress& address) const noexcept { return address.v6 != conf_.prefer_ipv4; }

  SlotsConf conf_;
  std::vector<State> slots_;
  Now last_valid_{};
  std::size_t left_over_ = 0;
};

}  // namespace kerbgate::resolve
