#include "krb5/service_ticket.hpp"

#include "krb5/error.hpp"

namespace kerbgate {
namespace {

/// What libkrb5 hands out on the way to a ticket, given back in reverse.
class Exchange {
 public:
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() {
    krb5_context c = context_.get();
    if (c == nullptr) return;
    krb5_free_ticket(c, ticket_);
    krb5_free_creds(c, service_creds_);
    if (cache_ != nullptr) krb5_cc_destroy(c, cache_);
    if (keytab_ != nullptr) krb5_kt_close(c, keytab_);
    krb5_free_principal(c, client_);
    krb5_free_principal(c, service_);
  }

  krb5_error_code begin(const Principal& client, const Principal& service) {
    krb5_context raw = nullptr;
    if (const auto code = krb5_init_context(&raw); code != 0) return code;
    context_.reset(raw);
    if (const auto code = krb5_parse_name(raw, client.str().c_str(), &client_); code != 0) return code;
    return krb5_parse_name(raw, service.str().c_str(), &service_);
  }

  krb5_error_code log_in(const std::string& keytab) {
    krb5_context c = context_.get();
    if (const auto code = open(keytab); code != 0) return code;
    krb5_creds creds{};
    krb5_error_code code = krb5_get_init_creds_keytab(c, &creds, client_, keytab_, 0, nullptr, nullptr);
    if (code != 0) return code;
    code = krb5_cc_new_unique(c, "MEMORY", nullptr, &cache_);
    if (code == 0) code = krb5_cc_initialize(c, cache_, client_);
    if (code == 0) code = krb5_cc_store_cred(c, cache_, &creds);
    krb5_free_cred_contents(c, &creds);
    return code;
  }

  krb5_error_code ask(ServiceTicket& out) {
    krb5_context c = context_.get();
    krb5_creds wanted{};
    wanted.client = client_;
    wanted.server = service_;
    if (const auto code = krb5_get_credentials(c, 0, cache_, &wanted, &service_creds_); code != 0) return code;
    if (const auto code = krb5_decode_ticket(&service_creds_->ticket, &ticket_); code != 0) return code;
    out.kvno = ticket_->enc_part.kvno;
    out.enctype = ticket_->enc_part.enctype;
    return 0;
  }

  krb5_error_code open_ticket(const std::string& keytab) {
    if (const auto code = open(keytab); code != 0) return code;
    return krb5_server_decrypt_ticket_keytab(context_.get(), keytab_, ticket_);
  }

  [[nodiscard]] krb5_context context() const { return context_.get(); }

 private:
  krb5_error_code open(const std::string& keytab) {
    if (keytab_ != nullptr) krb5_kt_close(context_.get(), keytab_);
    keytab_ = nullptr;
    return krb5_kt_resolve(context_.get(), ("FILE:" + keytab).c_str(), &keytab_);
  }

  Krb5Context context_;
  krb5_principal client_ = nullptr, service_ = nullptr;
  krb5_keytab keytab_ = nullptr;
  krb5_ccache cache_ = nullptr;
  krb5_creds* service_creds_ = nullptr;
  krb5_ticket* ticket_ = nullptr;
};

}  // namespace

Result<ServiceTicket> ask_for_ticket(const Principal& client, const std::string& client_keytab,
                                     const Principal& service, const std::string& service_keytab) {
  Exchange exchange;
  const std::string as = " as " + client.printable();
  if (const auto code = exchange.begin(client, service); code != 0)
    return krb5_failure(exchange.context(), code, "ask the KDC" + as);
  if (const auto code = exchange.log_in(client_keytab); code != 0)
    return krb5_failure(exchange.context(), code, "log in at the KDC" + as + " with " + client_keytab);
  ServiceTicket out;
  if (const auto code = exchange.ask(out); code != 0)
    return krb5_failure(exchange.context(), code, "ask for a ticket for " + service.printable() + as);
  const auto code = exchange.open_ticket(service_keytab);
  out.opened = code == 0;
  if (code != 0) out.why_not = krb5_words(exchange.context(), code);
  return out;
}

}  // namespace kerbgate
