#include "authority/authority.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace kerbgate::tests {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

void must(bool ok, const char* doing) {
  if (!ok) throw std::runtime_error(doing);
}

Key new_key() { return Key(EVP_EC_gen("P-256")); }

std::string taken(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Certificate read(const std::string& pem) {
  const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
}

void add_extension(X509* to, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  must(extension != nullptr, "make an extension");
  X509_add_ext(to, extension.get(), -1);
}

Certificate new_certificate(const std::string& name, EVP_PKEY* key, long serial, int from_day, int to_day) {
  Certificate out(X509_new());
  X509_set_version(out.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), serial);
  constexpr long kDay = 24 * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(out.get()), from_day * kDay);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), to_day * kDay);
  X509_set_pubkey(out.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()), -1, 0);
  return out;
}

bool is_address(const std::string& name) {
  const std::unique_ptr<ASN1_OCTET_STRING, Freed<ASN1_OCTET_STRING_free>> octets(a2i_IPADDRESS(name.c_str()));
  return octets != nullptr;
}

}  // namespace

struct Authority::State {
  Key key = new_key();
  Certificate certificate;
  long serial = 1;
};

Authority::Authority(const std::string& name) : state_(std::make_unique<State>()) {
  state_->certificate = new_certificate(name, state_->key.get(), 1, -1, 3650);
  X509* mine = state_->certificate.get();
  X509_set_issuer_name(mine, X509_get_subject_name(mine));
  add_extension(mine, mine, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(mine, mine, NID_key_usage, "critical,keyCertSign,cRLSign");
  must(X509_sign(mine, state_->key.get(), EVP_sha256()) > 0, "sign a certificate");
}

Authority::~Authority() = default;

std::string Authority::issue(const Request& request) {
  const Key key = new_key();
  const Certificate out = new_certificate(request.name, key.get(), ++state_->serial, request.from_day, request.to_day);
  X509_set_issuer_name(out.get(), X509_get_subject_name(state_->certificate.get()));
  std::string names;
  for (const std::string& name : request.names)
    names += std::string(names.empty() ? "" : ",") + (is_address(name) ? "IP:" : "DNS:") + name;
  if (!names.empty()) add_extension(out.get(), state_->certificate.get(), NID_subject_alt_name, names);
  must(X509_sign(out.get(), state_->key.get(), EVP_sha256()) > 0, "sign a certificate");
  const Bio text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(text.get(), out.get());
  PEM_write_bio_PrivateKey(text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return taken(text);
}

std::string Authority::certificate() const {
  const Bio text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(text.get(), state_->certificate.get());
  return taken(text);
}

std::string Authority::revoke(const std::vector<std::string>& issued) {
  const std::unique_ptr<X509_CRL, Freed<X509_CRL_free>> list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(state_->certificate.get()));
  const std::unique_ptr<ASN1_TIME, Freed<ASN1_TIME_free>> now(X509_gmtime_adj(nullptr, -3600)),
      later(X509_gmtime_adj(nullptr, 86400));
  X509_CRL_set1_lastUpdate(list.get(), now.get());
  X509_CRL_set1_nextUpdate(list.get(), later.get());
  for (const std::string& pem : issued) {
    X509_REVOKED* revoked = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(read(pem).get()));
    X509_REVOKED_set_revocationDate(revoked, now.get());
    X509_CRL_add0_revoked(list.get(), revoked);
  }
  must(X509_CRL_sign(list.get(), state_->key.get(), EVP_sha256()) > 0, "sign a revocation list");
  const Bio text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_CRL(text.get(), list.get());
  return taken(text);
}

std::string key_of(const std::string& pem) { return pem.substr(pem.find("-----BEGIN PRIVATE KEY")); }
std::string certificate_of(const std::string& pem) { return pem.substr(0, pem.find("-----BEGIN PRIVATE KEY")); }

std::string encrypted(const std::string& pem, const std::string& passphrase) {
  const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))), out(BIO_new(BIO_s_mem()));
  const Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), passphrase.data(),
                                static_cast<int>(passphrase.size()), nullptr, nullptr);
  return certificate_of(pem) + taken(out);
}

}  // namespace kerbgate::tests
