#include "stats/names.hpp"

#include <algorithm>

namespace kerbgate::stats {

std::string describe(const NameReport& report, bool with_keytab) {
  std::string out = report.fqdn + '\n';
  for (const AddressName& address : report.addresses)
    out += "  address " + address.address.str() + "  PTR " +
           (!address.answered     ? "(no answer)"
            : address.ptr.empty() ? "(none)"
                                  : address.ptr) +
           '\n';
  std::size_t widest = 0;
  for (const ClientView& view : report.views) widest = std::max(widest, view.setting.size());
  for (const ClientView& view : report.views)
    out += "  clients with " + view.setting + std::string(widest - view.setting.size(), ' ') + " ask for " +
           view.principal +
           (!with_keytab     ? ""
            : view.in_keytab ? "  (in the keytab)"
                             : "  (NOT in the keytab)") +
           '\n';
  return out;
}

}  // namespace kerbgate::stats
