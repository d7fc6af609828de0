#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace kerbgate::login {

/// A walk over the DER elements of one constructed value (ITU-T X.690): tags of one octet, definite lengths of at most
/// four octets. A length written in more octets than it needs is taken, as libkrb5 and JGSS take it: a gate that reads
/// more narrowly than the coordinators would turn away logins that work. Keeps a view, copies nothing, never recurses.
///
/// Every function gives nullopt when the bytes are not of the form asked for, and then leaves the position where it
/// was.
class Der {
 public:
  using Bytes = std::span<const std::uint8_t>;

  explicit Der(Bytes bytes) : rest_(bytes) {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] Bytes rest() const noexcept { return rest_; }

  /// The content of the next element, which must have this tag.
  std::optional<Bytes> take(std::uint8_t tag);

  /// The content of `[number] EXPLICIT` with an element `inner`, and nothing else, in it. Fields of a lower number that
  /// stand before it are passed over: SEQUENCE fields come in rising order, so an absent OPTIONAL one gives nullopt.
  std::optional<Bytes> field(unsigned number, std::uint8_t inner);

 private:
  struct Element {
    std::uint8_t tag;
    Bytes content, after;
  };
  [[nodiscard]] std::optional<Element> peek() const;

  Bytes rest_;
};

namespace der {
constexpr std::uint8_t kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kOid = 0x06, kGeneralString = 0x1b,
                       kSequence = 0x30;
constexpr std::uint8_t application(unsigned number) { return static_cast<std::uint8_t>(0x60 | number); }
constexpr std::uint8_t context(unsigned number) { return static_cast<std::uint8_t>(0xa0 | number); }
}  // namespace der

/// The value of an INTEGER's content octets: two's complement, one to eight of them.
std::optional<std::int64_t> der_integer(Der::Bytes content);

}  // namespace kerbgate::login
