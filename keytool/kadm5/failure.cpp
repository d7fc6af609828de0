#include "kadm5/failure.hpp"

#include <kadm5/admin.h>

#include "kerbgate/principal.hpp"
#include "kerbgate/printable.hpp"
#include "krb5/error.hpp"

namespace kerbgate::kadm5 {
namespace {

bool is_refusal(long code) {
  switch (code) {
    case KADM5_AUTH_GET:
    case KADM5_AUTH_ADD:
    case KADM5_AUTH_MODIFY:
    case KADM5_AUTH_DELETE:
    case KADM5_AUTH_INSUFFICIENT:
    case KADM5_AUTH_LIST:
    case KADM5_AUTH_CHANGEPW:
    case KADM5_AUTH_SETKEY:
      return true;
    default:
      return false;
  }
}

constexpr const char* kNotMit =
    "; rotate is for MIT KDCs, which have a kadmind (for Active Directory see docs/rotation.md)";
// kadmind answers as if the letter were lacking.
constexpr const char* kLocked =
    "; or the principal has lockdown_keys (kadmin: getprinc): then --local on the KDC's host";

/// What to do about a connection's failure.
std::string remedy(long code, const Access& access, const std::string& realm) {
  switch (code) {
    case KADM5_RPC_ERROR:
    case KADM5_MISSING_KRB5_CONF_PARAMS:
    case KADM5_BAD_SERVER_NAME:
    case KRB5_REALM_CANT_RESOLVE:
    case ECONNREFUSED:
      return "; see that kadmind runs, and that krb5.conf's [realms] " + realm +
             " names its host and port as admin_server" + kNotMit;
    case KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
      return kNotMit;
    case KRB5_KDC_UNREACH:
    case KRB5_REALM_UNKNOWN:
      return "; see that the KDC runs, and that krb5.conf's [realms] " + realm + " names it";
    case KRB5KRB_AP_ERR_SKEW:
      return "; set this host's clock by the KDC's (chronyc makestep)";
    case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
      return "; --kadmin-principal is not in the KDC's database";
    case KADM5_BAD_PASSWORD:
    case KRB5KDC_ERR_PREAUTH_FAILED:
    case KRB5KRB_AP_ERR_BAD_INTEGRITY:
      return "; the key in " + access.keytab + " is not the KDC's present one: export it anew (ktadd -norandkey)";
    case KRB5_FCC_NOFILE:
    case KRB5_CC_NOTFOUND:
    case KRB5_CC_END:
    case KRB5KRB_AP_ERR_TKT_EXPIRED:
      return "; --ccache needs a ticket for kadmind itself: kinit -S kadmin/admin ADMIN";
    default:
      return "";
  }
}

/// A cache that holds the tickets of another realm's principal: kadmind of this realm wants one of its own.
std::string other_realm(const std::string& owner, const std::string& realm) {
  const auto principal = Principal::parse(owner);
  if (!principal || principal->realm == realm) return "";
  const std::string ours = printable(realm);
  return "; those are tickets of realm " + printable(principal->realm) + ", and the key is in " + ours +
         ": kinit -S kadmin/admin@" + ours + " ADMIN@" + ours + ", into a cache of its own (KRB5CCNAME)";
}

std::string who(const Access& access, const std::string& owner) {
  if (access.way == Access::Way::local) return "open the KDC's database";
  if (access.way == Access::Way::ccache)
    return "log in at kadmind with the credential cache" + (owner.empty() ? "" : " of " + printable(owner));
  return "log in at kadmind as " + printable(access.principal) + " with " + printable(access.keytab);
}

}  // namespace

Error failure(krb5_context context, long code, const Call& call) {
  const auto number = static_cast<krb5_error_code>(code);
  const std::string words = call.doing + ": " + krb5_words(context, number);
  if (code == KADM5_UNK_PRINC) {
    return {Errc::not_found,
            words + "; rotate changes the key of a principal that is there (kadmin: addprinc -randkey)"};
  }
  if (is_refusal(code)) {
    return {Errc::permission, words + "; kadm5.acl on the KDC must give this administrator the letter " + call.letter +
                                  " for " + call.principal + " (stage and status need i, commit is, purge im)" +
                                  (code == KADM5_AUTH_SETKEY ? kLocked : "")};
  }
  if (code == KADM5_PROTECT_KEYS) {
    return {Errc::permission, words +
                                  "; the principal has lockdown_keys: use --local on the KDC's host, or kadmin.local "
                                  "-q 'modprinc -lockdown_keys " +
                                  call.principal + "'"};
  }
  if (code == KADM5_SETKEY_BAD_KVNO) {
    return {Errc::conflict, words + "; its key has been changed meanwhile and nothing was: see rotate status"};
  }
  return {Errc::krb5, words};
}

Error connect_failure(krb5_context context, long code, const Access& access, const std::string& realm,
                      const std::string& owner) {
  const auto number = static_cast<krb5_error_code>(code);
  std::string what = other_realm(owner, realm);
  if (what.empty()) what = remedy(code, access, printable(realm));
  std::string words = who(access, owner) + ": " + krb5_words(context, number) + what;
  if (access.way == Access::Way::local && (code == ENOENT || code == EACCES)) {
    words += "; --local works on the KDC's host, as the user who may read its database (root)";
  }
  return {Errc::krb5, std::move(words)};
}

}  // namespace kerbgate::kadm5
