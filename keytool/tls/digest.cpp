#include "tls/digest.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <span>

namespace kerbgate::tls {
namespace {

std::string hex(std::span<const unsigned char> octets) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char octet : octets) {
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
  }
  return out;
}

}  // namespace

Result<std::string> hex_digest(const char* algorithm, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, algorithm, nullptr, text.data(), text.size(), digest.data(), &size) != 1) {
    ERR_clear_error();
    return Error(Errc::unsupported, std::string("this host's OpenSSL has no ") + algorithm);
  }
  return hex(std::span(digest).first(size));
}

std::string base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');  // it writes a NUL behind
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string random_hex() {
  std::array<unsigned char, 16> octets{};
  RAND_bytes(octets.data(), int(octets.size()));
  return hex(octets);
}

}  // namespace kerbgate::tls
