#pragma once

#include <krb5.h>

#include <memory>

#include "kerbgate/acceptor.hpp"
#include "krb5/error.hpp"

namespace kerbgate {

struct AuthenticatorFree {
  krb5_context context;
  void operator()(krb5_authenticator* authenticator) const noexcept { krb5_free_authenticator(context, authenticator); }
};
using Authenticator = std::unique_ptr<krb5_authenticator, AuthenticatorFree>;

/// What libkrb5 knows of an accepted login: `auth` is as krb5_rd_req left it, with the session key, the client's subkey
/// and the authenticator in it, so that krb5_rd_rep and krb5_mk_rep work on it. Of the acceptor's thread, which it may
/// outlive.
struct Login::State {
  explicit State(std::shared_ptr<std::remove_pointer_t<krb5_context>> of) : context(std::move(of)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { krb5_auth_con_free(context.get(), auth); }

  std::shared_ptr<std::remove_pointer_t<krb5_context>> context;
  krb5_auth_context auth = nullptr;
};

}  // namespace kerbgate
