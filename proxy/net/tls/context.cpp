#include "net/tls/context.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <cstring>

#include "kerbgate/resolver.hpp"
#include "net/tls/handle.hpp"
#include "net/tls/pem.hpp"

namespace kerbgate::net::tls {
namespace {

constexpr long kCachedSessions = 20'000;  // as HAProxy; a client without tickets (Java 8) resumes by id
constexpr std::size_t kRememberedNames = 64;

int number_of(config::TlsVersion version) { return TLS1_VERSION + int(version); }

Result<const Secret*> find(const Files& files, const std::string& name) {
  const auto found = files.find(name);
  if (found == files.end()) return Error{Errc::not_found, name + ": was not read"};
  return &found->second;
}

Error refused(const std::string& what, const std::string& value) {
  return {Errc::invalid, what + " '" + value + "': OpenSSL takes none of it (" + take_error("no cipher match") + ")"};
}

}  // namespace

/// OpenSSL calls back with what was hung on its objects.
struct Callbacks {
  static int choose(SSL* ssl, int* alert, void* context) {
    const Context& mine = *static_cast<const Context*>(context);
    const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (asked != nullptr) {
      const std::string name = lower_case(asked);
      for (const bool wild : {false, true})
        for (std::size_t i = 0; i < mine.certificates_.size(); ++i) {
          const auto& names = mine.certificates_[i].names;
          const bool exact = std::find(names.begin(), names.end(), name) != names.end();
          if (!exact && !(wild && mine.certificates_[i].covers(name))) continue;
          if (i != 0) SSL_set_SSL_CTX(ssl, mine.contexts_[i]);
          return SSL_TLSEXT_ERR_OK;
        }
    }
    if (!mine.strict_sni_) return SSL_TLSEXT_ERR_OK;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }

  static int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                             unsigned offered_size, void* context) {
    const std::string& mine = static_cast<const Context*>(context)->alpn_;
    unsigned char* chosen = nullptr;
    const auto* list = reinterpret_cast<const unsigned char*>(mine.data());
    if (SSL_select_next_proto(&chosen, size, list, unsigned(mine.size()), offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
      return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
  }

  /// A session to come back with. Returns 1: it is ours to free.
  static int remember(SSL* ssl, SSL_SESSION* session) {
    const auto& mine = *static_cast<const Context*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    const char* asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    const std::string name = asked != nullptr ? asked : "";
    const std::lock_guard lock(mine.mutex_);
    if (mine.remembered_.size() >= kRememberedNames && !mine.remembered_.contains(name)) return 0;
    SSL_SESSION*& place = mine.remembered_[name];
    SSL_SESSION_free(place);
    place = session;
    return 1;
  }
};

void initialise() {
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr);
  unsigned char byte;
  RAND_bytes(&byte, 1);
  ERR_clear_error();
}

std::string library_version() { return OpenSSL_version(OPENSSL_VERSION); }

SystemCa system_ca() {
  const auto value = [](const char* variable, const char* built_in) {
    const char* set = std::getenv(variable);
    return std::string(set != nullptr ? set : built_in);
  };
  return {value(X509_get_default_cert_file_env(), X509_get_default_cert_file()),
          value(X509_get_default_cert_dir_env(), X509_get_default_cert_dir())};
}

Context::~Context() {
  for (const auto& [name, session] : remembered_) SSL_SESSION_free(session);
  for (SSL_CTX* context : contexts_) SSL_CTX_free(context);
}

// What every certificate's SSL_CTX has; the handshake begins in the first and may go on in another.
Result<void> Context::protect(SSL_CTX* context, const config::Tls& conf, bool listening) const {
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (!conf.prefer_client.value_or(false)) SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (!conf.tickets.value_or(true)) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_min_proto_version(context, number_of(conf.least.value_or(config::TlsVersion::v1_2)));
  if (conf.most) SSL_CTX_set_max_proto_version(context, number_of(*conf.most));
  if (!conf.ciphers.empty() && SSL_CTX_set_cipher_list(context, conf.ciphers.c_str()) != 1)
    return refused("ciphers", conf.ciphers);
  if (!conf.ciphersuites.empty() && SSL_CTX_set_ciphersuites(context, conf.ciphersuites.c_str()) != 1)
    return refused("ciphersuites", conf.ciphersuites);
  const auto verify = conf.verify.value_or(listening ? config::TlsVerify::none : config::TlsVerify::required);
  SSL_CTX_set_verify(context,
                     verify == config::TlsVerify::none       ? SSL_VERIFY_NONE
                     : verify == config::TlsVerify::required ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
                                                             : SSL_VERIFY_PEER,
                     nullptr);
  return {};
}

Result<void> Context::begin(const config::Tls& conf, bool listening) {
  SSL_CTX* context = SSL_CTX_new(listening ? TLS_server_method() : TLS_client_method());
  if (context == nullptr) return Error{Errc::io, "OpenSSL: " + take_error("cannot make a context")};
  contexts_.push_back(context);
  for (const std::string& protocol : conf.alpn) alpn_ += char(protocol.size()) + protocol;
  return protect(context, conf, listening);
}

Result<void> Context::trust(const config::Tls& conf, const Files& files) {
  X509_STORE* store = SSL_CTX_get_cert_store(contexts_.front());
  if (!conf.ca_file.empty()) {
    const Result<const Secret*> pem = find(files, conf.ca_file);
    if (!pem) return pem.error();
    if (Result<void> added = add_trust(store, conf.ca_file, **pem, Wanted::certificates); !added) return added;
  }
  if (!conf.crl_file.empty()) {
    const Result<const Secret*> pem = find(files, conf.crl_file);
    if (!pem) return pem.error();
    if (Result<void> added = add_trust(store, conf.crl_file, **pem, Wanted::crls); !added) return added;
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  }
  return {};
}

namespace {

/// The files that `crt` names: itself, or those of the folder.
std::vector<std::string> certificate_files(const std::string& crt, const Files& files) {
  if (files.contains(crt)) return {crt};
  std::vector<std::string> out;
  const std::string folder = crt.ends_with('/') ? crt : crt + '/';
  for (auto at = files.lower_bound(folder); at != files.end() && at->first.starts_with(folder); ++at)
    if (!at->first.ends_with(".key") && at->first.find('/', folder.size()) == std::string::npos)
      out.push_back(at->first);
  return out;
}

Result<void> use(SSL_CTX* context, const std::string& name, Identity identity) {
  if (SSL_CTX_use_certificate(context, identity.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, identity.key.get()) != 1)
    return Error{Errc::invalid, name + ": OpenSSL does not take it (" + take_error("unusable") + ")"};
  for (X509Handle& link : identity.chain)
    if (SSL_CTX_add0_chain_cert(context, link.get()) == 1) (void)link.release();
  return {};
}

}  // namespace

Result<void> Context::add_certificates(const config::Tls& conf, const Files& files) {
  for (const std::string& crt : conf.crt) {
    const std::vector<std::string> names = certificate_files(crt, files);
    if (names.empty()) return Error{Errc::not_found, crt + ": holds no certificate file"};
    for (const std::string& name : names) {
      const auto key = files.find(name + ".key");
      Result<Identity> identity = read_identity(name, files.at(name), key == files.end() ? nullptr : &key->second);
      if (!identity) return std::move(identity).error();
      if (!certificates_.empty()) {
        SSL_CTX* more = SSL_CTX_new(TLS_server_method());
        contexts_.push_back(more);
        if (Result<void> made = protect(more, conf, true); !made) return made;
        SSL_CTX_set1_cert_store(more, SSL_CTX_get_cert_store(contexts_.front()));
      }
      certificates_.push_back(describe(identity->certificate.get(), name));
      if (Result<void> used = use(contexts_.back(), name, std::move(*identity)); !used) return used;
    }
  }
  return {};
}

Result<std::shared_ptr<Context>> Context::listening(const config::Tls& conf, const Files& files,
                                                    const std::string& identity) {
  std::shared_ptr<Context> out(new Context);
  if (Result<void> begun = out->begin(conf, true); !begun) return std::move(begun).error();
  if (Result<void> trusted = out->trust(conf, files); !trusted) return std::move(trusted).error();
  if (Result<void> added = out->add_certificates(conf, files); !added) return std::move(added).error();
  out->strict_sni_ = conf.strict_sni;
  // What a session of one line proved, above all by a client certificate, must not open another line.
  unsigned char id[SHA256_DIGEST_LENGTH];
  const std::string whole = identity + '\n' + std::to_string(int(conf.verify.value_or(config::TlsVerify::none)));
  SHA256(reinterpret_cast<const unsigned char*>(whole.data()), whole.size(), id);
  for (SSL_CTX* context : out->contexts_) {
    SSL_CTX_set_session_id_context(context, id, sizeof id);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(context, kCachedSessions);
    SSL_CTX_set_num_tickets(context, conf.tickets.value_or(true) ? 1 : 0);
    SSL_CTX_set_tlsext_servername_callback(context, Callbacks::choose);
    SSL_CTX_set_tlsext_servername_arg(context, out.get());
    if (!out->alpn_.empty()) SSL_CTX_set_alpn_select_cb(context, Callbacks::choose_protocol, out.get());
  }
  if (!conf.ca_file.empty() && conf.verify.value_or(config::TlsVerify::none) != config::TlsVerify::none) {
    const Secret& pem = files.at(conf.ca_file);
    const Bio in(BIO_new_mem_buf(pem.bytes().data(), int(pem.size())));
    STACK_OF(X509_NAME)* names = sk_X509_NAME_new_null();
    while (const X509Handle ca{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)})
      sk_X509_NAME_push(names, X509_NAME_dup(X509_get_subject_name(ca.get())));
    SSL_CTX_set_client_CA_list(out->contexts_.front(), names);
  }
  ERR_clear_error();
  return out;
}

Result<std::shared_ptr<Context>> Context::dialling(const config::Tls& conf, const Files& files) {
  std::shared_ptr<Context> out(new Context);
  if (Result<void> begun = out->begin(conf, false); !begun) return std::move(begun).error();
  if (Result<void> trusted = out->trust(conf, files); !trusted) return std::move(trusted).error();
  if (Result<void> added = out->add_certificates(conf, files); !added) return std::move(added).error();
  SSL_CTX* context = out->contexts_.front();
  const auto* alpn = reinterpret_cast<const unsigned char*>(out->alpn_.data());
  if (!out->alpn_.empty()) SSL_CTX_set_alpn_protos(context, alpn, unsigned(out->alpn_.size()));
  out->sni_ = conf.sni;
  out->sni_of_client_ = conf.sni_of_client;
  if (conf.verify.value_or(config::TlsVerify::required) != config::TlsVerify::none) out->verifyhost_ = conf.verifyhost;
  out->resumes_ = conf.tickets.value_or(true);
  if (out->resumes_) {
    SSL_CTX_set_app_data(context, out.get());
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, Callbacks::remember);
  }
  ERR_clear_error();
  return out;
}

std::unique_ptr<Session> Context::accept() const {
  SSL* ssl = SSL_new(contexts_.front());
  if (ssl == nullptr) throw std::bad_alloc();
  SSL_set_accept_state(ssl);
  return std::make_unique<Session>(shared_from_this(), ssl);
}

std::unique_ptr<Session> Context::connect(const std::string& client_name) const {
  SSL* ssl = SSL_new(contexts_.front());
  if (ssl == nullptr) throw std::bad_alloc();
  SSL_set_connect_state(ssl);
  const std::string& name = sni_of_client_ ? client_name : sni_;
  const bool is_name = !name.empty() && !IpAddress::parse(name);
  if (is_name) SSL_set_tlsext_host_name(ssl, name.c_str());
  const std::string& wanted = is_name ? name : verifyhost_;  // HAProxy's order
  if (!wanted.empty() && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE) {
    X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (IpAddress::parse(wanted))
      X509_VERIFY_PARAM_set1_ip_asc(param, wanted.c_str());
    else
      X509_VERIFY_PARAM_set1_host(param, wanted.c_str(), wanted.size());
  }
  if (resumes_) {
    const std::lock_guard lock(mutex_);
    if (const auto found = remembered_.find(is_name ? name : ""); found != remembered_.end())
      SSL_set_session(ssl, found->second);
  }
  ERR_clear_error();
  return std::make_unique<Session>(shared_from_this(), ssl);
}

}  // namespace kerbgate::net::tls
