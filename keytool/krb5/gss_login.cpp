#include "kerbgate/gss_login.hpp"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <array>
#include <string_view>

namespace kerbgate {
namespace {

/// RFC 4752, 3.1: layer bits (1: none), then 24 bits of buffer size. The client's choice, with no authorization
/// identity behind it.
constexpr std::array<std::uint8_t, 4> kNoLayer{1, 0, 0, 0};
constexpr OM_uint32 kFlags = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG;

gss_OID kerberos() { return const_cast<gss_OID>(gss_mech_krb5); }

struct Buffer : gss_buffer_desc {
  Buffer() : gss_buffer_desc{0, nullptr} {}
  ~Buffer() {
    OM_uint32 minor = 0;
    gss_release_buffer(&minor, this);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  [[nodiscard]] std::vector<std::uint8_t> bytes() const {
    const auto* first = static_cast<const std::uint8_t*>(value);
    return {first, first + length};
  }
};

gss_buffer_desc borrow(const void* data, std::size_t size) { return {size, const_cast<void*>(data)}; }

std::string status_text(OM_uint32 code, int type) {
  OM_uint32 minor = 0, more = 0;
  std::string all;
  do {
    Buffer text;
    if (GSS_ERROR(gss_display_status(&minor, code, type, kerberos(), &more, &text))) break;
    all += (all.empty() ? "" : "; ") + std::string(static_cast<const char*>(text.value), text.length);
  } while (more != 0);
  return all;
}

/// The minor status says what happened; the major one only that it was a failure.
Error failure(const std::string& doing, OM_uint32 major, OM_uint32 minor) {
  return {Errc::krb5,
          doing + ": " + status_text(minor != 0 ? minor : major, minor != 0 ? GSS_C_MECH_CODE : GSS_C_GSS_CODE)};
}

}  // namespace

struct GssLogin::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    OM_uint32 minor = 0;
    gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    gss_release_cred(&minor, &credential);
    gss_release_name(&minor, &target);
  }

  Result<Token> establish(sasl::Bytes token);
  Result<Token> choose_no_layer(sasl::Bytes token);

  gss_name_t target = GSS_C_NO_NAME;
  gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
  gss_ctx_id_t context = GSS_C_NO_CONTEXT;
  std::string server;
  bool established = false, finished = false;
};

Result<GssLogin::Token> GssLogin::State::establish(sasl::Bytes token) {
  OM_uint32 minor = 0, granted = 0;
  auto in = borrow(token.data(), token.size());
  Buffer out;
  const OM_uint32 major = gss_init_sec_context(&minor, credential, &context, target, kerberos(), kFlags,
                                               GSS_C_INDEFINITE, GSS_C_NO_CHANNEL_BINDINGS,
                                               token.empty() ? GSS_C_NO_BUFFER : &in, nullptr, &out, &granted, nullptr);
  if (GSS_ERROR(major)) return failure("GSSAPI login as a client of " + server, major, minor);
  established = major == GSS_S_COMPLETE;
  if (established && (granted & GSS_C_MUTUAL_FLAG) == 0)
    return Error(Errc::krb5, "GSSAPI login as a client of " + server + ": the server did not prove who it is");
  return out.bytes();
}

Result<GssLogin::Token> GssLogin::State::choose_no_layer(sasl::Bytes token) {
  OM_uint32 minor = 0;
  auto in = borrow(token.data(), token.size());
  Buffer offer, out;
  OM_uint32 major = gss_unwrap(&minor, context, &in, &offer, nullptr, nullptr);
  if (GSS_ERROR(major)) return failure("the security layers that " + server + " offers", major, minor);
  const auto layers = offer.bytes();
  if (layers.size() != kNoLayer.size() || (layers[0] & kNoLayer[0]) == 0)
    return Error(Errc::krb5, server + " offers no login without a security layer (its sasl.qop is not auth)");
  auto choice = borrow(kNoLayer.data(), kNoLayer.size());
  major = gss_wrap(&minor, context, 0, GSS_C_QOP_DEFAULT, &choice, nullptr, &out);
  if (GSS_ERROR(major)) return failure("the choice of no security layer", major, minor);
  finished = true;
  return out.bytes();
}

GssLogin::GssLogin(std::unique_ptr<State> state) : state_(std::move(state)) {}
GssLogin::GssLogin(GssLogin&&) noexcept = default;
GssLogin& GssLogin::operator=(GssLogin&&) noexcept = default;
GssLogin::~GssLogin() = default;
bool GssLogin::authenticated() const noexcept { return state_->established; }
bool GssLogin::finished() const noexcept { return state_->finished; }

Result<GssLogin> GssLogin::make(const Principal& server, const std::string& cache) {
  auto state = std::make_unique<State>();
  state->server = server.printable();
  OM_uint32 minor = 0;
  const std::string name = server.str();
  auto text = borrow(name.data(), name.size());
  // A principal as it stands: a host-based name would be made canonical by DNS.
  OM_uint32 major = gss_import_name(&minor, &text, const_cast<gss_OID>(GSS_KRB5_NT_PRINCIPAL_NAME), &state->target);
  if (GSS_ERROR(major)) return failure("the name " + state->server, major, minor);
  gss_key_value_element_desc element{"ccache", cache.c_str()};
  const gss_key_value_set_desc store{1, &element};
  gss_OID_set_desc mechanisms{1, kerberos()};
  major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE,
                                cache.empty() ? GSS_C_NO_CRED_STORE : &store, &state->credential, nullptr, nullptr);
  if (GSS_ERROR(major)) return failure("credentials for a login", major, minor);
  return GssLogin(std::move(state));
}

Result<GssLogin::Token> GssLogin::step(sasl::Bytes token) {
  if (!state_->established) return state_->establish(token);
  if (!state_->finished) return state_->choose_no_layer(token);
  return Error(Errc::invalid, "GSSAPI login as a client of " + state_->server + ": no step is left");
}

}  // namespace kerbgate
