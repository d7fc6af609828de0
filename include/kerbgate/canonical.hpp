#pragma once

#include <string>
#include <vector>

#include "kerbgate/keytab.hpp"
#include "kerbgate/name.hpp"
#include "kerbgate/resolver.hpp"

namespace kerbgate {

/// krb5.conf's `dns_canonicalize_hostname`.
enum class Canonicalize { yes, no, fallback };

struct CanonicalRules {
  Canonicalize dns = Canonicalize::yes;
  bool rdns = true;
  /// The suffix that a name without a dot gets when no look-up gave a name: `qualify_shortname`, by default the first
  /// search domain of resolv.conf. Empty: none.
  std::string domain{};
};

/// A host's name as a Kerberos client will put it into `service/HOST@REALM`, and how it came to it.
struct Canonical {
  std::string host;    ///< lower case, no trailing dot
  std::string reason;  ///< "address 10.0.0.7 reverse-resolves to node7.example.com"
};

/// What krb5_sname_to_principal(3) would make of `host` under these rules (src/lib/krb5/os/sn2princ.c of krb5 1.20):
/// forward look-up and AI_CANONNAME, then, with rdns, the PTR name of the first address; failures keep the name they
/// started from; folded to lower case, one trailing dot dropped. A `:port` (one colon, something behind it) stays as it
/// is. `fallback` gives the plain name, which is asked first; what is asked second is the answer for `yes`.
Canonical canonical(const std::string& host, const CanonicalRules& rules, Resolver& resolver);

/// How grave a finding of check_name() is.
enum class Severity { note, warning, error };

struct Finding {
  Severity severity;
  Errc code;         ///< dns_mismatch, dns_no_answer, not_found, invalid
  std::string text;  ///< address, name found, name wanted, and the remedy, in one line
};

/// One address of the name, and what it is called.
struct AddressName {
  IpAddress address;
  std::string ptr;  ///< empty: none
  bool answered = true;
};

/// What clients configured in one way will ask the KDC for.
struct ClientView {
  std::string setting;     ///< "rdns = true"
  std::string principal;   ///< "impala/proxy.example.com"
  bool in_keytab = false;  ///< meaningless without a keytab
};

/// The answer of the one check that keytool and the proxy share.
struct NameReport {
  std::string fqdn;
  std::vector<AddressName> addresses;
  std::vector<ClientView> views;  ///< rdns = true; rdns = false; dns_canonicalize_hostname = false; = fallback
  std::vector<Finding> findings;  ///< empty: all agrees

  [[nodiscard]] bool refused() const;     ///< has an error finding
  [[nodiscard]] bool unanswered() const;  ///< DNS did not answer somewhere: nothing is known, ask again
};

/// Is `name` a name that clients can hold a ticket for? Errors: an address, not fully qualified, does not exist, an
/// alias (CNAME) of another name, an address whose PTR is another name. Warnings: no PTR, no answer from DNS, a
/// principal that clients will ask for is not in `keytab` (when given). Each names the address, the name found, the one
/// wanted and the remedy. `service` is the first component, "impala".
NameReport check_name(const std::string& name, const std::string& service, Resolver& resolver,
                      const std::vector<keytab::Entry>* keytab = nullptr);

}  // namespace kerbgate
