#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

/// OpenSSL's types with their owners, and its words for what went wrong. Included by net/tls/*.cpp alone.
namespace kerbgate::net::tls {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using X509Handle = std::unique_ptr<X509, Freed<X509_free>>;
using CtxHandle = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

/// The first error of this thread's queue, which is emptied: "no start line"; `otherwise` when there is none.
std::string take_error(const char* otherwise);
/// ASCII alone, as DNS compares names.
std::string lower_case(std::string text);

}  // namespace kerbgate::net::tls
