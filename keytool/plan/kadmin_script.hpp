#pragma once

#include <string>

#include "kerbgate/inventory.hpp"
#include "kerbgate/name.hpp"
#include "kerbgate/result.hpp"

namespace kerbgate::plan {

struct KadminRequest {
  std::string service, realm;
  Fqdn proxy;
  std::string keytabs;  ///< absolute: kadmin's working directory may be another
};

/// kadmin's commands, a line each, that make every principal of the inventory and of the proxy and export their present
/// keys to FOLDER/NAME.keytab. Run again they change no key: addprinc refuses what is there, ktadd -norandkey takes
/// keys as they are. Errc::invalid for a folder that kadmin's words cannot hold.
Result<std::string> kadmin_script(const KadminRequest& request, const Inventory& inventory);

}  // namespace kerbgate::plan
