#include "krb5/acceptor.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "kerbgate/printable.hpp"
#include "kerbgate/secret.hpp"
#include "krb5/acceptor_keys.hpp"
#include "krb5/context.hpp"
#include "krb5/gss_checksum.hpp"
#include "krb5/principal.hpp"

namespace kerbgate {
namespace {

using Why = NoLogin::Why;

/// Of this project's own: RFC 4120 section 7.5.1 leaves numbers from 1024 on to applications.
constexpr krb5_keyusage kIdUsage = 1024 + 0x6b;

struct TicketFree {
  krb5_context context;
  void operator()(krb5_ticket* ticket) const noexcept { krb5_free_ticket(context, ticket); }
};
using Ticket = std::unique_ptr<krb5_ticket, TicketFree>;

std::string text(const krb5_data& data) { return {data.data, data.length}; }

Principal principal_of(krb5_const_principal from) {
  Principal out;
  for (krb5_int32 i = 0; i < from->length; ++i) out.components.push_back(text(from->data[i]));
  out.realm = text(from->realm);
  out.name_type = from->type;
  return out;
}

/// libkrb5's times are 32 bits, read as unsigned since 2038 came near.
std::chrono::system_clock::time_point time_of(krb5_timestamp time) {
  return std::chrono::system_clock::from_time_t(std::time_t(std::uint32_t(time)));
}

Acceptance refusal(Why why, std::string words) {
  Acceptance out;
  out.no.why = why;
  out.no.words = std::move(words);
  return out;
}

Why why_of(krb5_error_code code) {
  switch (code) {
    case KRB5KRB_AP_ERR_BAD_INTEGRITY:
    case KRB5KRB_AP_ERR_MODIFIED:
    case KRB5KRB_AP_ERR_BADKEYVER:
    case KRB5KRB_AP_ERR_NOKEY:
    case KRB5KRB_AP_WRONG_PRINC:
    case KRB5KRB_AP_ERR_NOT_US:
    case KRB5_KT_NOTFOUND:
    case KRB5_KT_KVNONOTFOUND:
      return Why::wrong_key;
    case KRB5_NOPERM_ETYPE:
    case KRB5KDC_ERR_ETYPE_NOSUPP:
    case KRB5_BAD_ENCTYPE:
      return Why::weak_enctype;
    case KRB5KRB_AP_ERR_SKEW:
      return Why::skew;
    case KRB5KRB_AP_ERR_TKT_EXPIRED:
      return Why::expired;
    case KRB5KRB_AP_ERR_TKT_NYV:
    case KRB5KRB_AP_ERR_TKT_INVALID:
      return Why::not_yet_valid;
    case KRB5KRB_AP_ERR_ILL_CR_TKT:
      return Why::transited;
    case KRB5KRB_AP_ERR_MSG_TYPE:
    case KRB5KRB_AP_ERR_BADVERSION:
    case KRB5KRB_AP_ERR_BADMATCH:
    case KRB5KRB_AP_ERR_INAPP_CKSUM:
    case KRB5_BADMSGTYPE:
      return Why::malformed;
    default:
      return code >= ERROR_TABLE_BASE_asn1 && code < ERROR_TABLE_BASE_asn1 + 256 ? Why::malformed : Why::other;
  }
}

bool same_kvno(std::uint32_t ticket, std::uint32_t key) {
  constexpr std::uint32_t kNarrow = 0xff;  // all that older keytab records have
  return ticket == 0 || ticket == key || (key <= kNarrow && key == (ticket & kNarrow));
}

/// What a keytab has for a ticket.
struct Held {
  bool service = false, enctype = false, kvno = false;
  bool exact = false;  ///< the realm is the same too, and so is the whole kvno
};
Held look_up(const ApReq& request, const std::vector<AcceptorKeys::Slot>& slots) {
  Held held;
  for (const AcceptorKeys::Slot& slot : slots) {
    if (slot.principal.components != request.service.components) continue;
    held.service = true;
    if (slot.enctype != request.enctype) continue;
    held.enctype = true;
    if (!same_kvno(request.kvno, slot.kvno)) continue;
    held.kvno = true;
    if (slot.kvno == request.kvno && slot.principal.realm == request.service.realm) held.exact = true;
  }
  return held;
}

void append(Secret& to, std::uint32_t number) {
  const std::uint8_t octets[4]{std::uint8_t(number >> 24), std::uint8_t(number >> 16), std::uint8_t(number >> 8),
                               std::uint8_t(number)};
  to.append(octets);
}

/// All that distinguishes one authenticator from another. The subkey and delegated credentials are among it.
Secret content_of(const krb5_authenticator& authenticator) {
  Secret out;
  append(out, std::uint32_t(authenticator.ctime));
  append(out, std::uint32_t(authenticator.cusec));
  append(out, authenticator.seq_number);
  if (const krb5_keyblock* subkey = authenticator.subkey) out.append({subkey->contents, subkey->length});
  if (const krb5_checksum* checksum = authenticator.checksum) out.append({checksum->contents, checksum->length});
  return out;
}

Acceptance malformed(const char* words) { return refusal(Why::malformed, words); }

}  // namespace

struct Acceptor::State {
  /// Of a principal that is complete, its key of the ticket's kvno is tried; of one without a realm, each of its keys
  /// that has the ticket's enctype.
  krb5_error_code read(const ApReq& request, const Principal& service, krb5_keytab keytab, Login::State& login,
                       Ticket& ticket) const;
  [[nodiscard]] Acceptance refused(krb5_error_code code, const Held& held, const Login::State& login) const;
  [[nodiscard]] std::optional<Login::Id> id_of(const Login::State& login, const krb5_authenticator& authenticator,
                                               Login& out) const;
  [[nodiscard]] Acceptance accepted(std::shared_ptr<Login::State> login, const krb5_ticket& ticket) const;
  [[nodiscard]] Acceptance off_clock(const krb5_authenticator& authenticator) const;

  std::shared_ptr<std::remove_pointer_t<krb5_context>> context;
  std::chrono::seconds skew{0};
};

krb5_error_code Acceptor::State::read(const ApReq& request, const Principal& service, krb5_keytab keytab,
                                      Login::State& login, Ticket& ticket) const {
  krb5_context raw = context.get();
  Krb5Principal server(raw);
  if (const auto code = server.parse(service)) return code;
  server.get()->type = service.realm.empty() ? KRB5_NT_SRV_HST : KRB5_NT_PRINCIPAL;
  krb5_auth_con_free(raw, std::exchange(login.auth, nullptr));
  if (const auto code = krb5_auth_con_init(raw, &login.auth)) return code;
  // Without KRB5_AUTH_CONTEXT_DO_TIME no replay cache file is opened; the clock is looked at in accepted().
  krb5_auth_con_setflags(raw, login.auth, 0);
  krb5_data message{};
  message.length = unsigned(request.message.size());
  message.data = reinterpret_cast<char*>(const_cast<std::uint8_t*>(request.message.data()));
  krb5_ticket* made = nullptr;
  krb5_flags options = 0;
  const auto code = krb5_rd_req(raw, &login.auth, &message, server.get(), keytab, &options, &made);
  ticket = Ticket(made, TicketFree{raw});
  return code;
}

Acceptance Acceptor::State::refused(krb5_error_code code, const Held& held, const Login::State& login) const {
  Why why = why_of(code);
  krb5_authenticator* copied = nullptr;
  if (why == Why::skew && krb5_auth_con_getauthenticator(context.get(), login.auth, &copied) == 0 &&
      copied != nullptr) {
    const Authenticator authenticator(copied, AuthenticatorFree{context.get()});
    return off_clock(*copied);
  }
  if (why == Why::wrong_key && !held.kvno) why = Why::no_kvno;
  return refusal(why, printable(krb5_words(context.get(), code)));
}

Acceptance Acceptor::State::off_clock(const krb5_authenticator& authenticator) const {
  krb5_timestamp now = 0;
  krb5_timeofday(context.get(), &now);
  Acceptance out = refusal(Why::skew, krb5_words(context.get(), KRB5KRB_AP_ERR_SKEW));
  out.no.skew = std::chrono::seconds(std::int64_t(std::uint32_t(authenticator.ctime)) - std::uint32_t(now));
  return out;
}

std::optional<Login::Id> Acceptor::State::id_of(const Login::State& login, const krb5_authenticator& authenticator,
                                                Login& out) const {
  krb5_context raw = context.get();
  krb5_keyblock* key = nullptr;
  if (krb5_auth_con_getkey(raw, login.auth, &key) != 0 || key == nullptr) return std::nullopt;
  out.session_enctype = authenticator.subkey != nullptr ? authenticator.subkey->enctype : key->enctype;
  Secret content = content_of(authenticator);
  krb5_data input{};
  input.length = unsigned(content.size());
  input.data = reinterpret_cast<char*>(content.writable().data());
  krb5_checksum made{};
  const auto code = krb5_c_make_checksum(raw, 0, key, kIdUsage, &input, &made);
  krb5_free_keyblock(raw, key);
  if (code != 0) return std::nullopt;
  Login::Id id{};
  std::copy_n(made.contents, std::min<std::size_t>(id.size(), made.length), id.begin());
  krb5_free_checksum_contents(raw, &made);
  return id;
}

Acceptance Acceptor::State::accepted(std::shared_ptr<Login::State> login, const krb5_ticket& ticket) const {
  krb5_context raw = context.get();
  krb5_authenticator* copied = nullptr;
  if (const auto code = krb5_auth_con_getauthenticator(raw, login->auth, &copied))
    return refusal(Why::other, krb5_words(raw, code));
  const Authenticator authenticator(copied, AuthenticatorFree{raw});
  if (krb5_check_clockskew(raw, copied->ctime) != 0) return off_clock(*copied);
  if (copied->checksum == nullptr || copied->checksum->checksum_type != kGssChecksumType)
    return malformed("the authenticator holds no GSSAPI checksum");
  const auto asked = read_gss_checksum({copied->checksum->contents, copied->checksum->length});
  if (!asked) return malformed("the GSSAPI checksum in the authenticator is cut short or of another form");
  Login out;
  const auto id = id_of(*login, *copied, out);
  if (!id) return refusal(Why::weak_enctype, "libkrb5 makes no checksum with the session key");
  const krb5_enc_tkt_part& inner = *ticket.enc_part2;
  out.client = principal_of(inner.client);
  out.service = principal_of(ticket.server);
  out.kvno = ticket.enc_part.kvno;
  out.enctype = ticket.enc_part.enctype;
  out.authtime = time_of(inner.times.authtime);
  out.starttime = time_of(inner.times.starttime != 0 ? inner.times.starttime : inner.times.authtime);
  out.endtime = time_of(inner.times.endtime);
  out.made = time_of(copied->ctime) + std::chrono::microseconds(copied->cusec);
  out.mutual = (asked->flags & kGssMutual) != 0;
  out.dce_style = (asked->flags & kGssDceStyle) != 0;
  out.delegates = asked->delegates;
  out.id = *id;
  out.state = std::move(login);
  Acceptance acceptance;
  acceptance.login = std::move(out);
  return acceptance;
}

Acceptor::Acceptor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Acceptor::Acceptor(Acceptor&&) noexcept = default;
Acceptor& Acceptor::operator=(Acceptor&&) noexcept = default;
Acceptor::~Acceptor() = default;
std::chrono::seconds Acceptor::skew() const noexcept { return state_->skew; }

Result<Acceptor> Acceptor::make(const Krb5Conf& conf) {
  Result<Krb5Context> context = context_of(conf);
  if (!context) return std::move(context).error();
  auto state = std::make_unique<State>();
  state->context = std::move(*context);
  state->skew = configured_skew(state->context.get());
  return Acceptor(std::move(state));
}

Acceptance Acceptor::accept(const ApReq& request, const AcceptorKeys& keys) {
  const Held held = look_up(request, keys.slots());
  if (!held.service) return refusal(Why::no_service, "no key of the service");
  if (!held.enctype) return refusal(Why::no_enctype, "no key of this enctype");
  krb5_keytab keytab = keys.state_->keytab;
  auto login = std::make_shared<Login::State>(state_->context);
  Ticket ticket(nullptr, TicketFree{state_->context.get()});
  krb5_error_code code = KRB5_KT_KVNONOTFOUND;
  if (held.exact) code = state_->read(request, request.service, keytab, *login, ticket);
  if (why_of(code) == Why::wrong_key && request.service.components.size() == 2) {
    Principal of_any_realm = request.service;
    of_any_realm.realm.clear();
    code = state_->read(request, of_any_realm, keytab, *login, ticket);
  }
  if (code != 0) return state_->refused(code, held, *login);
  return state_->accepted(std::move(login), *ticket);
}

}  // namespace kerbgate
