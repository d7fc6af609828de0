#pragma once

#include <krb5.h>

#include "kerbgate/acceptor.hpp"
#include "krb5/error.hpp"

namespace kerbgate {

/// A keytab of type MEMORY, which libkrb5 guards by a mutex of its own: any context may look keys up in it. The context
/// here only makes and closes it.
struct AcceptorKeys::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (keytab != nullptr) krb5_kt_close(context.get(), keytab);
  }

  Krb5Context context;
  krb5_keytab keytab = nullptr;
};

}  // namespace kerbgate
