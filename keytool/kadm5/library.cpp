#include "kadm5/library.hpp"

#include <dlfcn.h>

namespace kerbgate::kadm5 {
namespace {

/// False when the library has no such function.
template <class Function>
bool find(void* library, const char* name, Function& out) {
  out = reinterpret_cast<Function>(dlsym(library, name));
  return out != nullptr;
}

}  // namespace

Library client_library() {
  return {kadm5_init_krb5_context, kadm5_init_with_skey,     kadm5_init_with_creds,    kadm5_destroy,
          kadm5_get_principal,     kadm5_free_principal_ent, kadm5_setkey_principal_4, kadm5_purgekeys};
}

Result<Library> server_library() {
  // Never closed: it leaves error tables and mutexes behind in libkrb5.
  void* library = dlopen(KERBGATE_KADM5SRV, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Error(Errc::not_found, std::string("--local: ") + dlerror() +
                                      "; it comes with the KDC (Debian: krb5-admin-server), and --local works on the "
                                      "KDC's host alone");
  }
  Library out;
  const bool whole =
      find(library, "kadm5_init_krb5_context", out.init_context) &&
      find(library, "kadm5_init_with_skey", out.init_with_key) &&
      find(library, "kadm5_init_with_creds", out.init_with_ccache) && find(library, "kadm5_destroy", out.destroy) &&
      find(library, "kadm5_get_principal", out.get) && find(library, "kadm5_free_principal_ent", out.free_entry) &&
      find(library, "kadm5_setkey_principal_4", out.set_key) && find(library, "kadm5_purgekeys", out.purge);
  if (whole) return out;
  return Error(Errc::unsupported, std::string("--local: ") + KERBGATE_KADM5SRV + " lacks a function: " + dlerror());
}

}  // namespace kerbgate::kadm5
