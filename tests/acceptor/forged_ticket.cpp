#include "acceptor/forged_ticket.hpp"

#include <krb5.h>

#include <ctime>
#include <stdexcept>

#include "unit/proxy/login_bytes.hpp"

namespace kerbgate::e2e {
namespace {

using namespace login::fixture;

constexpr krb5_keyusage kOfTickets = 2;  // RFC 4120 section 7.5.1
constexpr krb5_enctype kSession = ENCTYPE_AES256_CTS_HMAC_SHA1_96;

/// One library context and what hangs on it.
class Forge {
 public:
  Forge() { check(krb5_init_context(&context_), "context"); }
  Forge(const Forge&) = delete;
  Forge& operator=(const Forge&) = delete;
  ~Forge() {
    krb5_free_keyblock_contents(context_, &session_);
    krb5_free_principal(context_, client_);
    krb5_free_principal(context_, service_);
    krb5_free_context(context_);
  }

  void name(const std::string& client, const std::string& service) {
    check(krb5_parse_name(context_, service.c_str(), &service_), "service");
    realm_ = std::string(service_->realm.data, service_->realm.length);
    check(krb5_build_principal_ext(context_, &client_, unsigned(realm_.size()), realm_.data(), unsigned(client.size()),
                                   client.data(), 0),
          "client");
    check(krb5_c_make_random_key(context_, kSession, &session_), "session key");
  }

  /// RFC 4120 section 5.3.
  Buffer inner(const std::string& client) const {
    const Buffer key(session_.contents, session_.contents + session_.length);
    return der(0x63,
               sequence({field(0, der(0x03, Buffer(5, 0))),
                         field(1, sequence({field(0, small_integer(kSession)), field(1, der(0x04, key))})),
                         field(2, general_string(realm_)),
                         field(3, sequence({field(0, small_integer(1)), field(1, sequence({general_string(client)}))})),
                         field(4, sequence({field(0, small_integer(0)), field(1, der(0x04, Buffer{}))})),
                         field(5, time(start_)), field(7, time(end_))}));
  }

  Buffer ticket(const Buffer& inner, const std::string& keytab) {
    krb5_keytab table{};
    krb5_keytab_entry entry{};
    check(krb5_kt_resolve(context_, keytab.c_str(), &table), "keytab");
    check(krb5_kt_get_entry(context_, table, service_, 0, 0, &entry), "key");
    std::size_t size = 0;
    check(krb5_c_encrypt_length(context_, entry.key.enctype, inner.size(), &size), "length");
    Buffer cipher(size);
    krb5_data plain{KV5M_DATA, unsigned(inner.size()), const_cast<char*>(reinterpret_cast<const char*>(inner.data()))};
    krb5_enc_data out{
        KV5M_ENC_DATA, entry.key.enctype, 0, {KV5M_DATA, unsigned(size), reinterpret_cast<char*>(cipher.data())}};
    check(krb5_c_encrypt(context_, &entry.key, kOfTickets, nullptr, &plain, &out), "encrypt");
    const auto enctype = std::uint8_t(entry.key.enctype), kvno = std::uint8_t(entry.vno);
    krb5_free_keytab_entry_contents(context_, &entry);
    krb5_kt_close(context_, table);
    Buffer components;
    for (int i = 0; i < service_->length; ++i)
      components = join({components, general_string({service_->data[i].data, service_->data[i].length})});
    return der(0x61, sequence({field(0, small_integer(5)), field(1, general_string(realm_)),
                               field(2, sequence({field(0, small_integer(3)), field(1, der(0x30, components))})),
                               field(3, sequence({field(0, small_integer(enctype)), field(1, small_integer(kvno)),
                                                  field(2, der(0x04, cipher))}))}));
  }

  void store(Buffer ticket, const std::string& cache) {
    krb5_creds creds{};
    creds.client = client_;
    creds.server = service_;
    creds.keyblock = session_;
    creds.times = {krb5_timestamp(start_), krb5_timestamp(start_), krb5_timestamp(end_), 0};
    creds.ticket = {KV5M_DATA, unsigned(ticket.size()), reinterpret_cast<char*>(ticket.data())};
    krb5_ccache out{};
    check(krb5_cc_resolve(context_, cache.c_str(), &out), "cache");
    check(krb5_cc_initialize(context_, out, client_), "cache");
    check(krb5_cc_store_cred(context_, out, &creds), "ticket");
    krb5_cc_close(context_, out);
  }

 private:
  void check(krb5_error_code code, const char* doing) const {
    if (code != 0)
      throw std::runtime_error(std::string("forge: ") + doing + ": " + krb5_get_error_message(context_, code));
  }
  static Buffer time(std::time_t when) {
    char text[16];
    std::tm parts{};
    std::strftime(text, sizeof text, "%Y%m%d%H%M%SZ", ::gmtime_r(&when, &parts));
    return der(0x18, bytes(text));
  }

  krb5_context context_ = nullptr;
  krb5_principal client_ = nullptr, service_ = nullptr;
  krb5_keyblock session_{};
  std::string realm_;
  const std::time_t start_ = std::time(nullptr) - 60, end_ = start_ + 36'000;
};

}  // namespace

void forge_ticket(const std::string& client, const std::string& service, const std::string& keytab,
                  const std::string& cache) {
  Forge forge;
  forge.name(client, service);
  forge.store(forge.ticket(forge.inner(client), keytab), cache);
}

}  // namespace kerbgate::e2e
