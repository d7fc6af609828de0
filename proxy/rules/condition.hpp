#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/resolver.hpp"
#include "rules/fetch.hpp"
#include "rules/networks.hpp"
#include "rules/texts.hpp"

/// Conditions of HAProxy's language (`if`, `unless`) as values, and what they come to. Pure.
namespace kerbgate::rules {

enum class Verdict : std::uint8_t {
  no,
  yes,
  more,  ///< what the client sends next, or the end of the delay, will tell
};

/// What is counted of a client in a stick table.
enum class Count : std::uint8_t { current, rate, total };

/// What a condition may ask of the rest of the proxy; only when it does.
class Surroundings {
 public:
  /// Of the entry that this connection tracks; nothing when it tracks none.
  [[nodiscard]] virtual std::optional<std::uint64_t> tracked(Count what) const = 0;
  /// Of an address's entry in the table; 0 when it has none.
  [[nodiscard]] virtual std::uint64_t counted(Count what, const std::string& table, const IpAddress& source) const = 0;
  [[nodiscard]] virtual std::uint64_t servers_up(const std::string& backend) const = 0;

 protected:
  ~Surroundings() = default;
};

/// What is known of a connection.
struct Facts {
  IpAddress source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  std::size_t length = 0;  ///< bytes that have come
  bool complete = false;   ///< no more bytes are waited for
  bool waited = false;     ///< the inspect-delay is over
  enum class Hello : std::uint8_t { more, none, whole } hello = Hello::more;
  std::string_view server_name;  ///< of a whole hello; empty: none
  const Surroundings* around = nullptr;
};

struct NumberRange {
  std::int64_t least, most;
};

/// One acl line: one look, compared with any of its values.
struct Test {
  Fetch fetch = Fetch::always_false;
  Kind kind = Kind::boolean;
  bool reads = false;
  std::string name;      ///< as written
  std::string argument;  ///< the table or backend
  Networks networks;
  std::vector<NumberRange> numbers;
  Texts texts{Method::exact, false};
};

Verdict evaluate(const Test& test, const Facts& facts);

/// The value that a test would compare, for a log line: "10.0.0.7", "21050", "1". Nothing: there is none, or it is of
/// bytes that are gone.
std::optional<std::string> look(Fetch fetch, const std::string& argument, const Facts& facts);

/// `A !B || C`: lines of one name are or-ed, terms beside each other and-ed, `||` divides.
struct Term {
  bool negated = false;
  std::vector<std::shared_ptr<const Test>> any_of;
};
struct Condition {
  bool unless = false;
  std::vector<std::vector<Term>> any_of;  ///< empty: always

  [[nodiscard]] bool reads() const;  ///< some test looks at bytes
};

/// Stops at the first term that decides.
Verdict evaluate(const Condition& condition, const Facts& facts);

}  // namespace kerbgate::rules
