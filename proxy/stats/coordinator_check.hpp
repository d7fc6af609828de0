#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "check/deep.hpp"

namespace kerbgate::stats {

/// What the last look of a deeper check at a coordinator came to. Texts may hold what came from the wire: who prints
/// them escapes them.
struct CoordinatorCheck {
  enum class Kind : std::uint8_t { login, web };
  Kind kind = Kind::login;
  std::string key;  ///< of its target: the same for all listeners that lead there
  check::Deep state = check::Deep::unknown;
  bool passed = false;        ///< this very look
  std::string found;          ///< one line
  std::string cause, remedy;  ///< of what did not pass: as keytool doctor says it; may be empty
  std::string ticket;         ///< of a login: "kvno 2 aes256-cts-hmac-sha1-96"
  std::chrono::milliseconds took{0};
  std::chrono::system_clock::time_point when;
  std::string good_ticket;  ///< of the last login that was accepted; empty: none yet
  std::chrono::system_clock::time_point good_when;
  std::optional<std::uint32_t> queries;    ///< that the coordinator runs, where it said so
  std::chrono::milliseconds fresh_for{0};  ///< how long that is to be believed
};

/// "kerberos-check", "impala-check".
const char* kind_word(CoordinatorCheck::Kind kind);
/// The look in one line: what was found, and where it did not pass the cause and what to do.
std::string describe(const CoordinatorCheck& check);

}  // namespace kerbgate::stats
