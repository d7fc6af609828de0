#include "kerbgate/kdc.hpp"

#include <atomic>
#include <ctime>

#include "krb5/context.hpp"
#include "krb5/error.hpp"
#include "krb5/kdc_transport.hpp"
#include "krb5/principal.hpp"

namespace kerbgate::kdc {
namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "kdc"; }
  std::string message(int) const override { return "the KDC's answer"; }
};

Errc kind_of(krb5_error_code code) {
  switch (code) {
    case KRB5_KDC_UNREACH:
      return Errc::unreachable;
    case KRB5_REALM_UNKNOWN:
    case KRB5_REALM_CANT_RESOLVE:
    case KRB5_CONFIG_NODEFREALM:
      return Errc::realm_unknown;
    case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
      return Errc::client_unknown;
    case KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
      return Errc::server_unknown;
    case KRB5KDC_ERR_PREAUTH_FAILED:
    case KRB5KRB_AP_ERR_BAD_INTEGRITY:
      return Errc::key_refused;
    case KRB5_KT_NOTFOUND:
    case KRB5_KT_NAME_TOOLONG:
    case ENOENT:
    case EACCES:
      return Errc::no_key;
    case KRB5KRB_AP_ERR_SKEW:
    case KRB5_KDCREP_SKEW:
      return Errc::clock_skew;
    case KRB5_FCC_NOFILE:
    case KRB5_CC_NOTFOUND:
    case KRB5KRB_AP_ERR_TKT_EXPIRED:
      return Errc::no_ticket;
    default:
      return Errc::other;
  }
}

Error failure(krb5_context context, krb5_error_code code, const std::string& doing) {
  return {make_error_code(kind_of(code)), doing + ": " + krb5_words(context, code)};
}

class OwnedCredentials {
 public:
  explicit OwnedCredentials(krb5_context context) : context_(context) {}
  OwnedCredentials(const OwnedCredentials&) = delete;
  OwnedCredentials& operator=(const OwnedCredentials&) = delete;
  ~OwnedCredentials() { krb5_free_cred_contents(context_, &credentials_); }
  krb5_creds* get() { return &credentials_; }

 private:
  krb5_context context_;
  krb5_creds credentials_{};
};

struct KeytabClose {
  krb5_context context;
  void operator()(krb5_keytab keytab) const { krb5_kt_close(context, keytab); }
};
using OwnedKeytab = std::unique_ptr<std::remove_pointer_t<krb5_keytab>, KeytabClose>;

/// The parts of a ticket that stand in the clear, and its encrypted part as it is.
Result<ServiceTicket> decoded(krb5_context context, const krb5_data& encoded, const Principal& server) {
  krb5_ticket* ticket = nullptr;
  if (const auto code = krb5_decode_ticket(&encoded, &ticket))
    return failure(context, code, "read the ticket for " + server.printable());
  ServiceTicket out{server, ticket->enc_part.kvno, ticket->enc_part.enctype, {}, 0};
  const krb5_data& cipher = ticket->enc_part.ciphertext;
  const auto* first = reinterpret_cast<const std::uint8_t*>(cipher.data);
  out.cipher.assign(first, first + cipher.length);
  krb5_free_ticket(context, ticket);
  return out;
}

}  // namespace

const std::error_category& category() noexcept {
  static const Category one;
  return one;
}
std::error_code make_error_code(Errc code) noexcept { return {static_cast<int>(code), category()}; }
bool is(const Error& error, Errc code) noexcept { return error.code == make_error_code(code); }

bool opens(const keytab::Entry& entry, const ServiceTicket& ticket) {
  if (entry.enctype != ticket.enctype || entry.key.empty() || ticket.cipher.empty()) return false;
  krb5_keyblock key{};
  key.enctype = entry.enctype;
  key.length = static_cast<unsigned>(entry.key.size());
  key.contents = const_cast<krb5_octet*>(entry.key.bytes().data());
  std::vector<std::uint8_t> cipher = ticket.cipher;
  Secret plain(ticket.cipher.size());
  krb5_enc_data in{};
  in.enctype = ticket.enctype;
  in.ciphertext.length = static_cast<unsigned>(cipher.size());
  in.ciphertext.data = reinterpret_cast<char*>(cipher.data());
  krb5_data out{};
  out.length = static_cast<unsigned>(plain.size());
  out.data = reinterpret_cast<char*>(plain.writable().data());
  return krb5_c_decrypt(nullptr, &key, KRB5_KEYUSAGE_KDC_REP_TICKET, nullptr, &in, &out) == 0;
}

struct Session::State {
  State(const Options& options, Resolver& resolver) : transport(options, resolver) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (cache != nullptr) krb5_cc_destroy(context.get(), cache);
  }

  krb5_error_code keep(krb5_principal client, krb5_creds* credentials) {
    const auto code = krb5_cc_initialize(context.get(), cache, client);
    return code != 0 ? code : krb5_cc_store_cred(context.get(), cache, credentials);
  }

  Transport transport;  // outlives the context, which calls it
  Krb5Context context;
  krb5_ccache cache = nullptr;
  std::string name;
  std::optional<std::chrono::seconds> login_offset;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;
const std::string& Session::cache() const noexcept { return state_->name; }
const std::vector<Asked>& Session::asked() const noexcept { return state_->transport.asked(); }
std::chrono::seconds Session::allowed_skew() const { return configured_skew(state_->context.get()); }

std::optional<std::chrono::seconds> Session::clock_offset() const {
  return state_->login_offset ? state_->login_offset : state_->transport.error_offset();
}

Result<Session> Session::open(const Options& options, Resolver& resolver) {
  static std::atomic<unsigned> count{0};
  auto state = std::make_unique<State>(options, resolver);
  krb5_context raw = nullptr;
  if (const auto code = krb5_init_context(&raw)) return failure(nullptr, code, "read krb5.conf");
  state->context.reset(raw);
  state->transport.attach(raw);
  state->name = "MEMORY:kerbgate-" + std::to_string(++count);
  if (const auto code = krb5_cc_resolve(raw, state->name.c_str(), &state->cache))
    return failure(raw, code, "make a credentials cache in memory");
  return Session(std::move(state));
}

Result<void> Session::log_in(const Principal& client, const std::string& keytab) {
  krb5_context context = state_->context.get();
  const std::string doing = "log in as " + client.printable() + " with " + keytab;
  Krb5Principal principal(context);
  if (const auto code = principal.parse(client)) return failure(context, code, doing);
  krb5_keytab raw = nullptr;
  if (const auto code = krb5_kt_resolve(context, ("FILE:" + keytab).c_str(), &raw))
    return failure(context, code, doing);
  const OwnedKeytab owner(raw, KeytabClose{context});
  OwnedCredentials credentials(context);
  const auto before = std::time(nullptr);
  auto code = krb5_get_init_creds_keytab(context, credentials.get(), principal.get(), raw, 0, nullptr, nullptr);
  if (code != 0) return failure(context, code, doing);
  // A ticket of now: what the KDC calls now is its clock.
  state_->login_offset =
      std::chrono::seconds(static_cast<std::int64_t>(static_cast<std::uint32_t>(credentials.get()->times.authtime)) -
                           static_cast<std::int64_t>(before));
  code = state_->keep(principal.get(), credentials.get());
  if (code != 0) return failure(context, code, doing);
  return {};
}

Result<Principal> Session::take_default_cache() {
  krb5_context context = state_->context.get();
  krb5_ccache theirs = nullptr;
  if (const auto code = krb5_cc_default(context, &theirs)) return failure(context, code, "the default cache");
  const std::string doing = std::string("the credentials cache ") + krb5_cc_get_name(context, theirs);
  Krb5Principal client(context);
  auto code = krb5_cc_get_principal(context, theirs, client.out());
  if (code == 0) code = krb5_cc_initialize(context, state_->cache, client.get());
  if (code == 0) code = krb5_cc_copy_creds(context, theirs, state_->cache);
  Result<Principal> result = Principal{};
  if (code != 0) {
    result = failure(context, code, doing);
  } else {
    char* text = nullptr;
    code = krb5_unparse_name(context, client.get(), &text);
    if (code != 0) {
      result = failure(context, code, doing);
    } else {
      result = Principal::parse(text);
      krb5_free_unparsed_name(context, text);
    }
  }
  krb5_cc_close(context, theirs);
  return result;
}

/// An AS-REQ without proof: KDC_ERR_PREAUTH_REQUIRED, as any refusal, carries the KDC's time.
void Session::ask_time(const Principal& client) {
  if (clock_offset()) return;
  krb5_context context = state_->context.get();
  Krb5Principal principal(context);
  krb5_get_init_creds_opt* options = nullptr;
  if (principal.parse(client) != 0 || krb5_get_init_creds_opt_alloc(context, &options) != 0) return;
  krb5_enctype enctype = 0;
  krb5_data salt{}, parameters{};
  krb5_get_etype_info(context, principal.get(), options, &enctype, &salt, &parameters);
  krb5_free_data_contents(context, &salt);
  krb5_free_data_contents(context, &parameters);
  krb5_get_init_creds_opt_free(context, options);
}

Result<ServiceTicket> Session::ticket(const Principal& server) {
  krb5_context context = state_->context.get();
  const std::string doing = "get a ticket for " + server.printable();
  Krb5Principal client(context), wanted(context);
  if (const auto code = krb5_cc_get_principal(context, state_->cache, client.out()))
    return failure(context, code, doing);
  if (const auto code = wanted.parse(server)) return failure(context, code, doing);
  krb5_creds request{};
  request.client = client.get();
  request.server = wanted.get();
  krb5_creds* granted = nullptr;
  if (const auto code = krb5_get_credentials(context, 0, state_->cache, &request, &granted))
    return failure(context, code, doing);
  auto ticket = decoded(context, granted->ticket, server);
  if (ticket) ticket->expires = static_cast<std::uint32_t>(granted->times.endtime);
  krb5_free_creds(context, granted);
  return ticket;
}

}  // namespace kerbgate::kdc
