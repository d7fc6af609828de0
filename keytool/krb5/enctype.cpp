#include <krb5.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "kerbgate/keytab.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate::keytab {
namespace {

// IANA, Kerberos Encryption Type Numbers. libkrb5 still names single DES but has forgotten its key length.
constexpr std::array<std::int32_t, 5> kSingleDes{1, 2, 3, 4, 8};
constexpr std::size_t kSingleDesKey = 8;
// Triple DES and RC4, which libkrb5 calls deprecated, beside single DES.
constexpr std::array<std::int32_t, 6> kDeprecated{5, 6, 7, 16, 23, 24};

bool is_single_des(std::int32_t enctype) { return std::ranges::find(kSingleDes, enctype) != kSingleDes.end(); }

std::string known_names() {
  std::string out;
  for (std::int32_t enctype = 1; enctype <= 26; ++enctype) {
    const std::string name = enctype_name(enctype);
    if (name != std::to_string(enctype)) out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

}  // namespace

std::string enctype_name(std::int32_t enctype) {
  std::array<char, 100> name{};
  if (krb5_enctype_to_name(enctype, 0, name.data(), name.size()) == 0) return name.data();
  return std::to_string(enctype);
}

Result<std::int32_t> parse_enctype(std::string_view text) {
  const std::string name(text);
  krb5_enctype enctype = 0;
  if (krb5_string_to_enctype(const_cast<char*>(name.c_str()), &enctype) == 0) return enctype;
  // libkrb5 refuses the names of the enctypes that it dropped, and still prints them.
  const auto dropped = std::ranges::find(kSingleDes, name, enctype_name);
  if (dropped != kSingleDes.end()) return *dropped;
  std::int32_t number = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool fits = number >= INT16_MIN && number <= INT16_MAX;
  if (problem == std::errc() && end == name.data() + name.size() && fits) return number;
  return Error(Errc::invalid, "enctype " + quoted(name) + " is not known; give a number or one of " + known_names());
}

std::size_t enctype_key_length(std::int32_t enctype) {
  if (is_single_des(enctype)) return kSingleDesKey;
  std::size_t bytes = 0, length = 0;
  return krb5_c_keylengths(nullptr, enctype, &bytes, &length) == 0 ? length : 0;
}

bool enctype_is_weak(std::int32_t enctype) {
  return is_single_des(enctype) || std::ranges::find(kDeprecated, enctype) != kDeprecated.end();
}

}  // namespace kerbgate::keytab
