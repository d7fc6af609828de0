#pragma once

#include <vector>

#include "kerbgate/result.hpp"
#include "kerbgate/secret.hpp"
#include "net/tls/handle.hpp"

/// PEM files -> OpenSSL's objects, strictly: whatever is wrong is said with the file's name and the remedy.
namespace kerbgate::net::tls {

struct Identity {
  X509Handle certificate;
  std::vector<X509Handle> chain;
  Key key;
};

/// `separate_key`: NAME.key beside the file, null when there is none; used when the file holds no key.
Result<Identity> read_identity(const std::string& name, const Secret& pem, const Secret* separate_key);

/// Adds every certificate and CRL in `pem` to the store; Errc::invalid when there is none of what is needed.
enum class Wanted { certificates, crls };
Result<void> add_trust(X509_STORE* store, const std::string& name, const Secret& pem, Wanted wanted);

}  // namespace kerbgate::net::tls
