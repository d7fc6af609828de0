#pragma once

#include <kadm5/admin.h>

#include <string>

#include "kerbgate/result.hpp"

/// MIT has two libraries with one interface: libkadm5clnt speaks to kadmind, libkadm5srv opens the database. One
/// program cannot be linked with both, so the second is loaded when it is asked for.
namespace kerbgate::kadm5 {

struct Library {
  decltype(&kadm5_init_krb5_context) init_context = nullptr;
  decltype(&kadm5_init_with_skey) init_with_key = nullptr;
  decltype(&kadm5_init_with_creds) init_with_ccache = nullptr;
  decltype(&kadm5_destroy) destroy = nullptr;
  decltype(&kadm5_get_principal) get = nullptr;
  decltype(&kadm5_free_principal_ent) free_entry = nullptr;
  decltype(&kadm5_setkey_principal_4) set_key = nullptr;
  decltype(&kadm5_purgekeys) purge = nullptr;
};

Library client_library();
/// Errc::not_found when it is not installed: it comes with the KDC.
Result<Library> server_library();

}  // namespace kerbgate::kadm5
