#include "support/gss.hpp"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <array>

namespace kerbgate::e2e::gss {
namespace {

gss_OID kKerberos = const_cast<gss_OID>(gss_mech_krb5);

struct Buffer : gss_buffer_desc {
  Buffer() : gss_buffer_desc{0, nullptr} {}
  ~Buffer() {
    OM_uint32 minor = 0;
    gss_release_buffer(&minor, this);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  [[nodiscard]] std::string str() const { return {static_cast<const char*>(value), length}; }
};

gss_buffer_desc borrow(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }

std::string status_text(OM_uint32 code, int type) {
  OM_uint32 minor = 0, more = 0;
  std::string all;
  do {
    Buffer text;
    if (GSS_ERROR(gss_display_status(&minor, code, type, GSS_C_NO_OID, &more, &text))) break;
    all += (all.empty() ? "" : "; ") + text.str();
  } while (more != 0);
  return all;
}

/// `minor` by reference: the call that sets it is the other argument.
void check(OM_uint32 major, const OM_uint32& minor) {
  if (!GSS_ERROR(major)) return;
  throw Failure("GSSAPI Error: " + status_text(major, GSS_C_GSS_CODE) + " (" + status_text(minor, GSS_C_MECH_CODE) +
                ")");
}

struct Name {
  Name(const std::string& text, gss_OID type) {
    OM_uint32 minor = 0;
    auto buffer = borrow(text);
    check(gss_import_name(&minor, &buffer, type, &name), minor);
  }
  ~Name() {
    OM_uint32 minor = 0;
    gss_release_name(&minor, &name);
  }
  Name(const Name&) = delete;
  Name& operator=(const Name&) = delete;
  gss_name_t name = GSS_C_NO_NAME;
};

struct OwnedCredential {
  ~OwnedCredential() {
    OM_uint32 minor = 0;
    gss_release_cred(&minor, &handle);
  }
  gss_cred_id_t handle = GSS_C_NO_CREDENTIAL;
};

template <std::size_t N>
void acquire(OwnedCredential& to, const Name& name, gss_cred_usage_t usage,
             std::array<gss_key_value_element_desc, N> elements) {
  const gss_key_value_set_desc store{N, elements.data()};
  gss_OID_set_desc mechanisms{1, kKerberos};
  OM_uint32 minor = 0;
  check(gss_acquire_cred_from(&minor, name.name, GSS_C_INDEFINITE, &mechanisms, usage, &store, &to.handle, nullptr,
                              nullptr),
        minor);
}

}  // namespace

struct Context::State {
  ~State() {
    OM_uint32 minor = 0;
    gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
  }
  gss_ctx_id_t context = GSS_C_NO_CONTEXT;
  bool established = false;
  std::string peer;
};

Context::Context() : state_(std::make_unique<State>()) {}
Context::~Context() = default;
bool Context::established() const noexcept { return state_->established; }
std::string Context::peer() const { return state_->peer; }

std::string Context::wrap(std::string_view message) {
  OM_uint32 minor = 0;
  auto in = borrow(message);
  Buffer out;
  check(gss_wrap(&minor, state_->context, 0, GSS_C_QOP_DEFAULT, &in, nullptr, &out), minor);
  return out.str();
}

std::string Context::unwrap(std::string_view message) {
  OM_uint32 minor = 0;
  auto in = borrow(message);
  Buffer out;
  check(gss_unwrap(&minor, state_->context, &in, &out, nullptr, nullptr), minor);
  return out.str();
}

struct Initiator::Target {
  Name name;
};

Initiator::Initiator(const std::string& service, const std::string& host)
    : target_(new Target{{service + "@" + host, GSS_C_NT_HOSTBASED_SERVICE}}) {}
Initiator::~Initiator() = default;

std::string Initiator::step(std::string_view token) {
  OM_uint32 minor = 0;
  auto in = borrow(token);
  Buffer out;
  const OM_uint32 major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &state_->context, target_->name.name,
                                               kKerberos, GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG,
                                               GSS_C_INDEFINITE, GSS_C_NO_CHANNEL_BINDINGS,
                                               token.empty() ? GSS_C_NO_BUFFER : &in, nullptr, &out, nullptr, nullptr);
  check(major, minor);
  state_->established = major == GSS_S_COMPLETE;
  return out.str();
}

struct Acceptor::Credential {
  std::string name, keytab, replay_cache;
  OwnedCredential acquired;

  void acquire_once() {
    if (acquired.handle != GSS_C_NO_CREDENTIAL) return;
    acquire<2>(acquired, Name(name, GSS_C_NT_HOSTBASED_SERVICE), GSS_C_ACCEPT,
               {{{"keytab", keytab.c_str()}, {"rcache", replay_cache.c_str()}}});
  }
};

Acceptor::Acceptor(const std::string& service, const std::string& host, const std::string& keytab,
                   const std::string& replay_cache)
    : credential_(new Credential{service + "@" + host, keytab, replay_cache, {}}) {}
Acceptor::~Acceptor() = default;

std::string Acceptor::step(std::string_view token) {
  credential_->acquire_once();
  OM_uint32 minor = 0;
  auto in = borrow(token);
  Buffer out, shown;
  gss_name_t client = GSS_C_NO_NAME;
  const OM_uint32 major =
      gss_accept_sec_context(&minor, &state_->context, credential_->acquired.handle, &in, GSS_C_NO_CHANNEL_BINDINGS,
                             &client, nullptr, &out, nullptr, nullptr, nullptr);
  check(major, minor);
  state_->established = major == GSS_S_COMPLETE;
  if (client != GSS_C_NO_NAME) {
    check(gss_display_name(&minor, client, &shown, nullptr), minor);
    gss_release_name(&minor, &client);
    state_->peer = shown.str();
  }
  return out.str();
}

void login_from_keytab(const std::string& principal, const std::string& keytab) {
  const Name name(principal, const_cast<gss_OID>(GSS_KRB5_NT_PRINCIPAL_NAME));
  OwnedCredential credential;
  try {
    acquire<2>(credential, name, GSS_C_INITIATE, {{{"client_keytab", keytab.c_str()}, {"ccache", "MEMORY:daemon"}}});
  } catch (const Failure& failure) {
    throw Failure("unable to login from keytab " + keytab + " as " + principal + ": " + failure.what());
  }
}

}  // namespace kerbgate::e2e::gss
