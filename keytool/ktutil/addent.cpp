#include "ktutil/addent.hpp"

namespace kerbgate::ktutil {
namespace {

std::optional<std::uint8_t> digit(std::uint8_t c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

Refusal usage(const std::string& name) {
  return {"usage: " + name + " (-key | -password) -p principal -k kvno [-e enctype] [-f|-s salt]"};
}

/// Takes the options; false when the last one lacks its value.
class Options {
 public:
  bool take(std::span<const std::string> words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::optional<std::string>* value = valued(words[i]);
      if (value == nullptr) {
        flag(words[i]);
      } else if (++i == words.size()) {
        return false;
      } else {
        *value = words[i];
      }
    }
    return true;
  }

  std::optional<std::string> principal, kvno, enctype, salt;
  int passwords = 0, keys = 0;
  bool ask_kdc = false;

 private:
  std::optional<std::string>* valued(std::string_view word) {
    if (word == "-p") return &principal;
    if (word == "-k") return &kvno;
    if (word == "-e") return &enctype;
    return word == "-s" ? &salt : nullptr;
  }
  void flag(std::string_view word) {
    if (word == "-password") ++passwords;
    if (word == "-key") ++keys;
    if (word == "-f") ask_kdc = true;
  }
};

}  // namespace

std::variant<AddEntry, Refusal> parse_addent(std::span<const std::string> words) {
  Options options;
  const bool whole = options.take(words.subspan(1));
  const bool one_source = options.passwords + options.keys == 1;
  const bool two_salts = options.ask_kdc && options.salt;
  if (!whole || !options.principal || !options.kvno || !one_source || two_salts) return usage(words[0]);
  if (!options.enctype && !options.ask_kdc) return Refusal{"enctype must be specified if not using -f"};
  if (!options.enctype && options.keys == 1) {
    return Refusal{words[0] + ": enctype must be specified with -key: nothing else says what the key is for"};
  }
  return AddEntry{*options.principal, *options.kvno, options.passwords == 1,
                  options.enctype,    options.salt,  options.ask_kdc};
}

std::optional<Secret> key_from_hex(std::span<const std::uint8_t> digits) {
  Secret key((digits.size() + 1) / 2);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto value = digit(digits[i]);
    if (!value) return std::nullopt;
    std::uint8_t& octet = key.writable()[i / 2];
    octet = static_cast<std::uint8_t>(octet | (i % 2 == 0 ? *value << 4 : *value));
  }
  return key;
}

}  // namespace kerbgate::ktutil
