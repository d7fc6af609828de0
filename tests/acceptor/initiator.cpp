#include "acceptor/initiator.hpp"

#include <krb5.h>

#include <cstdlib>
#include <ctime>
#include <memory>
#include <stdexcept>

#include "login/ticket.hpp"
#include "unit/proxy/login_bytes.hpp"

namespace kerbgate::e2e {
namespace {

void check(krb5_context context, krb5_error_code code, const char* doing) {
  if (code != 0) throw std::runtime_error(std::string(doing) + ": " + krb5_get_error_message(context, code));
}

void become(const Environment& environment) {
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
}

/// One client of libkrb5 with the environment's cache.
class Client {
 public:
  Client() {
    check(nullptr, krb5_init_context(&context_), "context");
    check(context_, krb5_cc_default(context_, &cache_), "cache");
    check(context_, krb5_parse_name(context_, Initiator::kService.c_str(), &wanted_.server), "service");
    check(context_, krb5_cc_get_principal(context_, cache_, &wanted_.client), "client");
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    krb5_free_cred_contents(context_, &wanted_);
    krb5_free_creds(context_, ticket_);
    krb5_auth_con_free(context_, auth_);
    krb5_cc_close(context_, cache_);
    krb5_free_context(context_);
  }

  /// From the cache whatever its times are, else from the KDC.
  void get_ticket(krb5_enctype session) {
    krb5_creds found{};
    if (session == 0 && krb5_cc_retrieve_cred(context_, cache_, 0, &wanted_, &found) == 0) {
      check(context_, krb5_copy_creds(context_, &found, &ticket_), "copy");
      return krb5_free_cred_contents(context_, &found);
    }
    wanted_.keyblock.enctype = session;
    check(context_, krb5_get_credentials(context_, 0, cache_, &wanted_, &ticket_), "ticket");
    wanted_.keyblock.enctype = 0;
  }

  Octets make(const Making& making) {
    // libkrb5's client looks at the ticket's time as well: it is the acceptor that is asked here.
    ticket_->times.starttime = 1;
    ticket_->times.endtime = INT32_MAX;
    if (making.clock != 0)
      check(context_, krb5_set_real_time(context_, krb5_timestamp(std::time(nullptr) + making.clock), 0), "time");
    check(context_, krb5_auth_con_init(context_, &auth_), "auth context");
    check(context_, krb5_auth_con_set_req_cksumtype(context_, auth_, making.checksum_type), "checksum type");
    Octets contents = making.checksum.value_or(Octets{});
    krb5_data data{};
    data.length = unsigned(contents.size());
    data.data = reinterpret_cast<char*>(contents.data());
    krb5_data out{};
    check(context_,
          krb5_mk_req_extended(context_, &auth_, AP_OPTS_MUTUAL_REQUIRED | AP_OPTS_USE_SUBKEY,
                               making.checksum ? &data : nullptr, ticket_, &out),
          "AP-REQ");
    Octets message(out.data, out.data + out.length);
    krb5_free_data_contents(context_, &out);
    return message;
  }

 private:
  krb5_context context_ = nullptr;
  krb5_ccache cache_ = nullptr;
  krb5_creds wanted_{};
  krb5_creds* ticket_ = nullptr;
  krb5_auth_context auth_ = nullptr;
};

}  // namespace

Octets Making::gss_checksum(std::uint32_t flags, const Octets& more) {
  Octets out{16, 0, 0, 0};
  out.resize(20);
  for (int i = 0; i < 4; ++i) out.push_back(std::uint8_t(flags >> (8 * i)));
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

Initiator::Initiator(const std::string& enctypes) : realm_(dir_) {
  if (enctypes.empty()) {
    realm_.add_service(kService);
  } else {
    realm_.kadmin({"addprinc", "-requires_preauth", "-randkey", "-e", enctypes, kService});
  }
  realm_.add_user("alice");
  export_key();
  log_in();
}

std::shared_ptr<const AcceptorKeys> Initiator::keys() const {
  const std::string text = read_file(keytab());
  auto made = AcceptorKeys::make({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  if (!made) throw std::runtime_error(made.error().what);
  return *made;
}

Acceptor Initiator::acceptor() const {
  const Result<Krb5Conf> conf = Krb5Conf::read();
  if (!conf) throw std::runtime_error(conf.error().what);
  Result<Acceptor> made = Acceptor::make(*conf);
  if (!made) throw std::runtime_error(made.error().what);
  return std::move(*made);
}

void Initiator::log_in(const std::string& user) { become(realm_.login(user)); }

void Initiator::log_in_at(int seconds) {
  const Environment shifted = Realm::shifted_clock(seconds);
  realm_.restart_kdc(shifted);
  const std::string cache = "FILE:" + (dir_ / "shifted.ccache");
  const Environment there = realm_.environment() + shifted + Environment{{"KRB5CCNAME", cache}};
  run_ok({"kinit", "-k", "-t", dir_ / "realm/alice.keytab", "alice"}, there);
  run_ok({"kvno", kService}, there);
  become(realm_.environment() + Environment{{"KRB5CCNAME", cache}});
}

Octets Initiator::message(const Making& making) const {
  Client client;
  client.get_ticket(making.session_enctype);
  return client.make(making);
}

Octets Initiator::token(const Making& making) const { return framed(message(making)); }

Octets framed(const Octets& message) {
  using namespace login::fixture;
  return gss(kKerberosOid, join({{0x01, 0x00}, message}));
}

Acceptance judged(Acceptor& acceptor, const AcceptorKeys& keys, const Octets& token) {
  const login::Token read = login::read_token(token);
  if (read.request) return acceptor.accept(*read.request, keys);
  Acceptance out;
  out.no.why = NoLogin::Why::malformed;
  return out;
}

}  // namespace kerbgate::e2e
