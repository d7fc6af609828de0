#include "coordinator/identity.hpp"

#include <stdexcept>

namespace kerbgate::e2e {
namespace {

std::string flag(const std::map<std::string, std::string>& flags, const std::string& name) {
  const auto found = flags.find(name);
  return found == flags.end() ? "" : found->second;
}

}  // namespace

Identity identity_of(const std::map<std::string, std::string>& flags) {
  Identity who;
  who.external = flag(flags, "principal");
  who.internal = flag(flags, "be_principal");
  who.keytab = flag(flags, "keytab_file");
  if (who.external.empty())
    throw std::runtime_error(who.internal.empty() ? "no -principal: Kerberos is off, nothing to do here"
                                                  : "A back end principal (--be_principal) was supplied without also "
                                                    "supplying a regular principal (--principal)");
  if (who.keytab.empty()) throw std::runtime_error("--keytab_file must be configured if kerberos is enabled");
  if (who.internal.empty()) who.internal = who.external;
  const auto slash = who.external.find('/');
  const auto at = who.external.find('@');
  if (slash == std::string::npos || at == std::string::npos || at < slash)
    throw std::runtime_error("principal should include service name, hostname and realm: " + who.external);
  who.service = who.external.substr(0, slash);
  who.host = who.external.substr(slash + 1, at - slash - 1);
  return who;
}

}  // namespace kerbgate::e2e
