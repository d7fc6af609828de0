#include "kerbgate/late_login.hpp"

#include <array>

#include "krb5/acceptor.hpp"
#include "krb5/wrap_token.hpp"

namespace kerbgate {
namespace {

/// RFC 4752, 3.1: layer bits (1: none), then 24 bits of buffer size; in a choice the authorization identity follows.
constexpr std::array<std::uint8_t, 4> kNoLayer{1, 0, 0, 0};
constexpr std::size_t kLongestIdentity = 1024;

struct KeyFree {
  krb5_context context;
  void operator()(krb5_keyblock* key) const noexcept { krb5_free_keyblock(context, key); }
};
using Key = std::unique_ptr<krb5_keyblock, KeyFree>;

struct ProofFree {
  krb5_context context;
  void operator()(krb5_ap_rep_enc_part* proof) const noexcept { krb5_free_ap_rep_enc_part(context, proof); }
};
using Proof = std::unique_ptr<krb5_ap_rep_enc_part, ProofFree>;

krb5_data data_of(TokenBytes bytes) {
  krb5_data out{};
  out.length = unsigned(bytes.size());
  out.data = reinterpret_cast<char*>(const_cast<std::uint8_t*>(bytes.data()));
  return out;
}

Result<Key> copy_of(krb5_context context, const krb5_keyblock* key) {
  krb5_keyblock* copied = nullptr;
  if (const auto code = krb5_copy_keyblock(context, key, &copied)) return krb5_failure(context, code, "key");
  return Key(copied, KeyFree{context});
}

/// What the client said of itself, in its authenticator.
struct Asked {
  Key key;  ///< its subkey, else the ticket's session key
  bool subkey = false;
  std::uint64_t sequence = 0;  ///< of its first token
};
Result<Asked> asked_of(const Login::State& login) {
  krb5_context context = login.context.get();
  krb5_authenticator* copied = nullptr;
  if (const auto code = krb5_auth_con_getauthenticator(context, login.auth, &copied))
    return krb5_failure(context, code, "authenticator");
  const Authenticator authenticator(copied, AuthenticatorFree{context});
  Asked out{Key(nullptr, KeyFree{context}), copied->subkey != nullptr, std::uint32_t(copied->seq_number)};
  if (out.subkey) {
    auto key = copy_of(context, copied->subkey);
    if (!key) return key.error();
    out.key = std::move(*key);
    return out;
  }
  krb5_keyblock* session = nullptr;
  if (const auto code = krb5_auth_con_getkey(context, login.auth, &session))
    return krb5_failure(context, code, "session key");
  out.key = Key(session, KeyFree{context});
  return out;
}

}  // namespace

std::string why_not_late(const Login& login) {
  if (!login.mutual) return "the client asks for no mutual authentication";
  if (login.dce_style) return "the client logs in in DCE style";
  if (!has_wrap_tokens(login.session_enctype))
    return "enctype " + std::to_string(login.session_enctype) + " of the session is none of 17 to 20, 25 and 26";
  return {};
}

struct LateAcceptance::State {
  std::shared_ptr<Login::State> login;
  Asked asked{Key(nullptr, KeyFree{nullptr})};
  WrapToken ours{.by_acceptor = true};

  [[nodiscard]] krb5_context context() const { return login->context.get(); }
};

LateAcceptance::LateAcceptance(std::shared_ptr<Login::State> state) : state_(std::make_unique<State>()) {
  state_->login = std::move(state);
}
LateAcceptance::LateAcceptance(LateAcceptance&&) noexcept = default;
LateAcceptance& LateAcceptance::operator=(LateAcceptance&&) noexcept = default;
LateAcceptance::~LateAcceptance() = default;

Result<LateAcceptance::Token> LateAcceptance::proof() {
  krb5_context context = state_->context();
  krb5_auth_context auth = state_->login->auth;
  auto asked = asked_of(*state_->login);
  if (!asked) return asked.error();
  state_->asked = std::move(*asked);
  // libkrb5 puts the client's subkey into the reply again: the client takes it for one of the acceptor's.
  state_->ours.acceptor_subkey = state_->asked.subkey;
  krb5_auth_con_setflags(context, auth, KRB5_AUTH_CONTEXT_DO_SEQUENCE);
  krb5_data made{};
  if (const auto code = krb5_mk_rep(context, auth, &made)) return krb5_failure(context, code, "AP-REP");
  Token out = frame_ap_rep({reinterpret_cast<const std::uint8_t*>(made.data), made.length});
  krb5_free_data_contents(context, &made);
  krb5_int32 sequence = 0;
  if (const auto code = krb5_auth_con_getlocalseqnumber(context, auth, &sequence))
    return krb5_failure(context, code, "sequence number");
  state_->ours.sequence = std::uint32_t(sequence);
  return out;
}

Result<LateAcceptance::Token> LateAcceptance::offer() {
  return wrap(state_->context(), *state_->asked.key, state_->ours, kNoLayer);
}

Result<std::string> LateAcceptance::choice(Bytes token) const {
  const WrapToken due{false, state_->asked.subkey, state_->asked.sequence};
  const auto text = unwrap(state_->context(), *state_->asked.key, due, token);
  if (!text) return text.error();
  if (text->size() < kNoLayer.size()) return Error(Errc::krb5, "the choice of a security layer is cut short");
  if ((*text)[0] != kNoLayer[0])
    return Error(Errc::krb5, "the client chose a security layer that was not offered: set its sasl.qop to auth");
  if (text->size() > kNoLayer.size() + kLongestIdentity)
    return Error(Errc::krb5,
                 "the authorization identity is longer than " + std::to_string(kLongestIdentity) + " octets");
  return std::string(text->begin() + kNoLayer.size(), text->end());
}

struct LateInitiation::State {
  Result<Token> read_proof(sasl::Bytes token);
  Result<Token> answer(sasl::Bytes token);
  [[nodiscard]] krb5_context context() const { return login->context.get(); }

  std::shared_ptr<Login::State> login;
  std::string authorization;
  Key key{nullptr, KeyFree{nullptr}};
  WrapToken ours, theirs{.by_acceptor = true};
  bool authenticated = false, finished = false;
};

LateInitiation::LateInitiation(std::shared_ptr<Login::State> state, std::string authorization)
    : state_(std::make_unique<State>()) {
  state_->login = std::move(state);
  state_->authorization = std::move(authorization);
}
LateInitiation::~LateInitiation() = default;
bool LateInitiation::authenticated() const noexcept { return state_->authenticated; }
bool LateInitiation::finished() const noexcept { return state_->finished; }

// The reply has to hold the authenticator's own time, under the ticket's session key.
Result<LateInitiation::Token> LateInitiation::State::read_proof(sasl::Bytes token) {
  const auto message = ap_rep_of(token);
  if (!message) return message.error();
  auto asked = asked_of(*login);
  if (!asked) return asked.error();
  const krb5_data data = data_of(*message);
  krb5_ap_rep_enc_part* read = nullptr;
  if (const auto code = krb5_rd_rep(context(), login->auth, &data, &read))
    return krb5_failure(context(), code, "the server's proof of its key");
  const Proof proof(read, ProofFree{context()});
  ours.sequence = asked->sequence;
  theirs.sequence = std::uint32_t(read->seq_number);
  key = std::move(asked->key);
  if (read->subkey != nullptr) {
    auto copied = copy_of(context(), read->subkey);
    if (!copied) return copied.error();
    key = std::move(*copied);
    ours.acceptor_subkey = theirs.acceptor_subkey = true;
  }
  if (!has_wrap_tokens(key->enctype))
    return Error(Errc::krb5, "the server goes on in enctype " + std::to_string(key->enctype));
  authenticated = true;
  return Token{};
}

Result<LateInitiation::Token> LateInitiation::State::answer(sasl::Bytes token) {
  const auto offer = unwrap(context(), *key, theirs, token);
  if (!offer) return offer.error();
  if (offer->size() != kNoLayer.size() || ((*offer)[0] & kNoLayer[0]) == 0)
    return Error(Errc::krb5, "the server offers no login without a security layer (its sasl.qop is not auth)");
  std::vector<std::uint8_t> choice(kNoLayer.begin(), kNoLayer.end());
  choice.insert(choice.end(), authorization.begin(), authorization.end());
  auto made = wrap(context(), *key, ours, choice);
  finished = made.ok();
  return made;
}

Result<LateInitiation::Token> LateInitiation::step(sasl::Bytes token) {
  if (!state_->authenticated) return state_->read_proof(token);
  if (!state_->finished) return state_->answer(token);
  return Error(Errc::invalid, "no step of the login is left");
}

}  // namespace kerbgate
