#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "kerbgate/secret.hpp"

namespace kerbgate::ktutil {

/// What an addent line asks for. As MIT's, words that are no option of it are passed over.
struct AddEntry {
  std::string principal;
  std::string kvno;  ///< as typed
  bool from_password = false;
  std::optional<std::string> enctype, salt;
  bool ask_kdc = false;
};

/// Why a line is not one: the text for people.
struct Refusal {
  std::string text;
};

/// `words` with the request's name first.
std::variant<AddEntry, Refusal> parse_addent(std::span<const std::string> words);

/// Octets of hexadecimal digits. As MIT's, an odd last digit is the high half of its octet; nullopt: another character.
std::optional<Secret> key_from_hex(std::span<const std::uint8_t> digits);

}  // namespace kerbgate::ktutil
