#include "net/tls/pem.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <string_view>

namespace kerbgate::net::tls {
namespace {

Bio reader(const Secret& pem) { return Bio(BIO_new_mem_buf(pem.bytes().data(), int(pem.size()))); }

/// Nobody is there to type a passphrase.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// An empty handle and no error: there is no key in it.
Result<Key> read_key(const std::string& name, const Secret& pem) {
  bool encrypted = false;
  const Bio in = reader(pem);
  Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, &encrypted));
  if (encrypted)
    return Error{Errc::invalid, name + ": its private key is encrypted, and nobody can be asked for the passphrase: " +
                                    "write it in clear (openssl pkey -in " + name + " -out NEW, mode 0400)"};
  const std::string_view text(reinterpret_cast<const char*>(pem.bytes().data()), pem.size());
  if (!key && text.find("PRIVATE KEY-----") != std::string_view::npos)
    return Error{Errc::invalid, name + ": its private key cannot be read (" + take_error("damaged") + ")"};
  ERR_clear_error();
  return key;
}

bool at_end_of_pem() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

void free_infos(STACK_OF(X509_INFO) * infos) { sk_X509_INFO_pop_free(infos, X509_INFO_free); }

}  // namespace

Result<Identity> read_identity(const std::string& name, const Secret& pem, const Secret* separate_key) {
  Identity out;
  const Bio in = reader(pem);
  out.certificate.reset(PEM_read_bio_X509_AUX(in.get(), nullptr, nullptr, nullptr));
  if (!out.certificate) {
    const bool none = at_end_of_pem();
    return Error{Errc::invalid, name + (none ? std::string(": holds no certificate: it must be PEM (-----BEGIN "
                                                           "CERTIFICATE-----), the server's first, then its chain")
                                             : ": its certificate cannot be read (" + take_error("damaged") + ")")};
  }
  for (;;) {
    X509Handle more(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (!more && !at_end_of_pem())
      return Error{Errc::invalid, name + ": a certificate of its chain cannot be read (" + take_error("damaged") + ")"};
    if (!more) break;
    out.chain.push_back(std::move(more));
  }
  ERR_clear_error();
  Result<Key> key = read_key(name, pem);
  if (key && !*key && separate_key != nullptr) key = read_key(name + ".key", *separate_key);
  if (!key) return std::move(key).error();
  if (!*key)
    return Error{Errc::invalid, name + ": holds no private key: append it to the file (cat CERTIFICATE CHAIN KEY > " +
                                    name + "), or put it into " + name + ".key"};
  if (X509_check_private_key(out.certificate.get(), key->get()) != 1) {
    ERR_clear_error();
    return Error{Errc::invalid, name +
                                    ": its private key does not belong to its first certificate (the server's own "
                                    "certificate comes first, then the chain)"};
  }
  out.key = std::move(*key);
  return out;
}

Result<void> add_trust(X509_STORE* store, const std::string& name, const Secret& pem, Wanted wanted) {
  const Bio in = reader(pem);
  const std::unique_ptr<STACK_OF(X509_INFO), Freed<free_infos>> all(
      PEM_X509_INFO_read_bio(in.get(), nullptr, nullptr, nullptr));
  if (!all) return Error{Errc::invalid, name + ": cannot be read (" + take_error("damaged") + ")"};
  int certificates = 0, crls = 0;
  for (int i = 0; i < sk_X509_INFO_num(all.get()); ++i) {
    const X509_INFO* info = sk_X509_INFO_value(all.get(), i);
    if (info->x509 != nullptr && X509_STORE_add_cert(store, info->x509) == 1) ++certificates;
    if (info->crl != nullptr && X509_STORE_add_crl(store, info->crl) == 1) ++crls;
  }
  ERR_clear_error();
  if (wanted == Wanted::certificates && certificates == 0)
    return Error{Errc::invalid, name + ": holds no certificate: a ca-file is PEM (-----BEGIN CERTIFICATE-----)"};
  if (wanted == Wanted::crls && crls == 0)
    return Error{Errc::invalid, name + ": holds no revocation list: a crl-file is PEM (-----BEGIN X509 CRL-----)"};
  return {};
}

}  // namespace kerbgate::net::tls
