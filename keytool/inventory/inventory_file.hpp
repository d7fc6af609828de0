#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/result.hpp"

namespace kerbgate {

/// A value and where it stands.
struct InventoryVariable {
  std::string value;
  std::size_t line = 0;
};
using InventoryVariables = std::map<std::string, InventoryVariable>;

struct InventoryGroup {
  std::vector<std::size_t> hosts;                             ///< indexes, in the order of mention, duplicates possible
  std::vector<std::pair<std::string, std::size_t>> children;  ///< name and line
  InventoryVariables variables;
  std::size_t line = 0;   ///< of its first header
  bool declared = false;  ///< by [x] or [x:children]; [x:vars] alone does not
};

/// An Ansible INI inventory as written: ranges are expanded, nothing is resolved. Hosts before the first header are in
/// the group "ungrouped".
struct InventoryFile {
  struct Host {
    std::string name;
    std::size_t line = 0;
    InventoryVariables variables;
  };
  std::vector<Host> hosts;  ///< each name once, in the order of first mention
  std::map<std::string, InventoryGroup> groups;
};

/// Errors begin with `file:line: `.
Result<InventoryFile> read_inventory_file(std::string_view text, const std::string& file);

/// `host[01:40].example.com` as its hosts; a pattern without a range is itself. `limit` bounds their number.
Result<std::vector<std::string>> expand_hosts(std::string_view pattern, std::size_t limit);

}  // namespace kerbgate
