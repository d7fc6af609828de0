#pragma once

#include <string>
#include <string_view>

#include "kerbgate/result.hpp"

/// What HTTP authentication needs of OpenSSL.
namespace kerbgate::tls {

/// In lower-case hexadecimal. `algorithm` as OpenSSL calls it: "MD5", "SHA256". Errc::unsupported where the library
/// does not have it (MD5 in FIPS mode).
Result<std::string> hex_digest(const char* algorithm, std::string_view text);
std::string base64(std::string_view text);
/// 32 characters that nobody can guess.
std::string random_hex();

}  // namespace kerbgate::tls
