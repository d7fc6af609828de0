#include "acceptor/service_ticket.hpp"

#include <krb5.h>

#include <ctime>
#include <stdexcept>
#include <utility>

#include "unit/proxy/login_bytes.hpp"

namespace kerbgate::e2e {
namespace {

using namespace login::fixture;

constexpr krb5_keyusage kTicketUsage = 2;  // RFC 4120 section 7.5.1
constexpr int kLifetime = 10 * 3600;

void check(krb5_context context, krb5_error_code code, const char* doing) {
  if (code != 0) throw std::runtime_error(std::string(doing) + ": " + krb5_get_error_message(context, code));
}

using Context = std::shared_ptr<std::remove_pointer_t<krb5_context>>;

Context new_context() {
  krb5_context made = nullptr;
  check(nullptr, krb5_init_context(&made), "context");
  return {made, krb5_free_context};
}

Octets octets(const krb5_data& data) { return {data.data, data.data + data.length}; }

krb5_data data_of(Octets& from) {
  krb5_data out{};
  out.length = unsigned(from.size());
  out.data = reinterpret_cast<char*>(from.data());
  return out;
}

// RFC 4120 section 5

Octets key_bytes(const krb5_keyblock& key) {
  return sequence({field(0, small_integer(std::uint8_t(key.enctype))),
                   field(1, der(0x04, Octets(key.contents, key.contents + key.length)))});
}

Octets name_bytes(const krb5_principal_data& principal) {
  Octets components;
  for (krb5_int32 i = 0; i < principal.length; ++i)
    components = join({components, general_string({principal.data[i].data, principal.data[i].length})});
  return sequence({field(0, small_integer(1)), field(1, der(0x30, components))});
}

Octets time_bytes(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &parts);
  return der(0x18, bytes(text));
}

Octets encrypted_part(const krb5_keyblock& session, const krb5_principal_data& client) {
  const std::time_t now = std::time(nullptr);
  const Octets no_realms = sequence({field(0, small_integer(1)), field(1, der(0x04, Octets{}))});
  return der(0x63, sequence({field(0, der(0x03, Octets{0, 0, 0, 0, 0})), field(1, key_bytes(session)),
                             field(2, general_string({client.realm.data, client.realm.length})),
                             field(3, name_bytes(client)), field(4, no_realms), field(5, time_bytes(now)),
                             field(6, time_bytes(now)), field(7, time_bytes(now + kLifetime))}));
}

Octets ticket_bytes(const krb5_principal_data& service, const krb5_keytab_entry& key, const Octets& cipher) {
  const Octets part = sequence({field(0, small_integer(std::uint8_t(key.key.enctype))),
                                field(1, small_integer(std::uint8_t(key.vno))), field(2, der(0x04, cipher))});
  return der(0x61,
             sequence({field(0, small_integer(5)), field(1, general_string({service.realm.data, service.realm.length})),
                       field(2, name_bytes(service)), field(3, part)}));
}

}  // namespace

Octets Making::gss_checksum(std::uint32_t flags, const Octets& more) {
  Octets out{16, 0, 0, 0};
  out.resize(20);
  for (int i = 0; i < 4; ++i) out.push_back(std::uint8_t(flags >> (8 * i)));
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

struct ServiceTicket::State {
  explicit State(Context of) : context(std::move(of)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    krb5_free_creds(context.get(), ticket);
    krb5_auth_con_free(context.get(), auth);
  }

  Context context;
  krb5_creds* ticket = nullptr;
  krb5_auth_context auth = nullptr;
};

ServiceTicket::ServiceTicket(std::unique_ptr<State> state) : state_(std::move(state)) {}
ServiceTicket::ServiceTicket(ServiceTicket&&) noexcept = default;
ServiceTicket& ServiceTicket::operator=(ServiceTicket&&) noexcept = default;
ServiceTicket::~ServiceTicket() = default;

ServiceTicket ServiceTicket::of_cache(const std::string& service, std::int32_t session_enctype) {
  auto state = std::make_unique<State>(new_context());
  krb5_context context = state->context.get();
  krb5_ccache cache = nullptr;
  krb5_creds wanted{}, found{};
  check(context, krb5_cc_default(context, &cache), "cache");
  check(context, krb5_parse_name(context, service.c_str(), &wanted.server), "service");
  check(context, krb5_cc_get_principal(context, cache, &wanted.client), "client");
  if (session_enctype == 0 && krb5_cc_retrieve_cred(context, cache, 0, &wanted, &found) == 0) {
    check(context, krb5_copy_creds(context, &found, &state->ticket), "copy");
    krb5_free_cred_contents(context, &found);
  } else {
    wanted.keyblock.enctype = session_enctype;
    check(context, krb5_get_credentials(context, 0, cache, &wanted, &state->ticket), "ticket");
    wanted.keyblock.enctype = 0;
  }
  krb5_free_cred_contents(context, &wanted);
  krb5_cc_close(context, cache);
  return ServiceTicket(std::move(state));
}

Octets ServiceTicket::message(const Making& making) {
  krb5_context context = state_->context.get();
  // libkrb5's client looks at the ticket's time as well: it is the acceptor that is asked here.
  state_->ticket->times.starttime = 1;
  state_->ticket->times.endtime = INT32_MAX;
  if (making.clock != 0)
    check(context, krb5_set_real_time(context, krb5_timestamp(std::time(nullptr) + making.clock), 0), "time");
  krb5_auth_con_free(context, std::exchange(state_->auth, nullptr));
  check(context, krb5_auth_con_init(context, &state_->auth), "auth context");
  check(context, krb5_auth_con_setflags(context, state_->auth, KRB5_AUTH_CONTEXT_DO_SEQUENCE), "flags");
  check(context, krb5_auth_con_set_req_cksumtype(context, state_->auth, making.checksum_type), "checksum type");
  Octets contents = making.checksum.value_or(Octets{});
  krb5_data data = data_of(contents), out{};
  check(context,
        krb5_mk_req_extended(context, &state_->auth, AP_OPTS_MUTUAL_REQUIRED | AP_OPTS_USE_SUBKEY,
                             making.checksum ? &data : nullptr, state_->ticket, &out),
        "AP-REQ");
  Octets message = octets(out);
  krb5_free_data_contents(context, &out);
  return message;
}

Octets ServiceTicket::token(const Making& making) { return framed(message(making)); }

Octets framed(const Octets& message) { return gss(kKerberosOid, join({{0x01, 0x00}, message})); }

struct TicketForge::State {
  Context context = new_context();
  krb5_principal service = nullptr;
  krb5_keytab_entry key{};

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    krb5_free_keytab_entry_contents(context.get(), &key);
    krb5_free_principal(context.get(), service);
  }
  Octets encrypt(Octets plain);
};

Octets TicketForge::State::encrypt(Octets plain) {
  std::size_t length = 0;
  check(context.get(), krb5_c_encrypt_length(context.get(), key.key.enctype, plain.size(), &length), "length");
  Octets cipher(length);
  const krb5_data input = data_of(plain);
  krb5_enc_data out{};
  out.ciphertext = data_of(cipher);
  check(context.get(), krb5_c_encrypt(context.get(), &key.key, kTicketUsage, nullptr, &input, &out), "encryption");
  return cipher;
}

TicketForge::TicketForge(const std::string& service, const std::string& keytab) : state_(std::make_unique<State>()) {
  krb5_context context = state_->context.get();
  check(context, krb5_parse_name(context, service.c_str(), &state_->service), "service");
  krb5_keytab file = nullptr;
  check(context, krb5_kt_resolve(context, keytab.c_str(), &file), "keytab");
  const auto code = krb5_kt_get_entry(context, file, state_->service, 0, 0, &state_->key);
  krb5_kt_close(context, file);
  check(context, code, "the service's key");
}

TicketForge::~TicketForge() = default;

ServiceTicket TicketForge::ticket(const std::string& user) {
  krb5_context context = state_->context.get();
  auto made = std::make_unique<ServiceTicket::State>(state_->context);
  krb5_creds forged{};
  check(context, krb5_parse_name(context, user.c_str(), &forged.client), "client");
  check(context, krb5_c_make_random_key(context, state_->key.key.enctype, &forged.keyblock), "session key");
  const Octets cipher = state_->encrypt(encrypted_part(forged.keyblock, *forged.client));
  Octets ticket = ticket_bytes(*state_->service, state_->key, cipher);
  forged.server = state_->service;
  forged.ticket = data_of(ticket);
  const auto code = krb5_copy_creds(context, &forged, &made->ticket);
  krb5_free_keyblock_contents(context, &forged.keyblock);
  krb5_free_principal(context, forged.client);
  check(context, code, "ticket");
  return ServiceTicket(std::move(made));
}

}  // namespace kerbgate::e2e
