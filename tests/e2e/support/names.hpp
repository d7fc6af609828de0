#pragma once

#include <map>
#include <string>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace kerbgate::e2e {

/// A little DNS for child processes: names and addresses of a sandbox, forward and reverse, through libnss-wrapper.
/// Each name has a loopback address of its own (127.0.0.0/8 is all there without configuration). Changes reach running
/// processes.
class Names {
 public:
  explicit Names(const TempDir& dir);

  /// A new name with an address of its own, right in both directions.
  std::string add(const std::string& name);
  /// What the address's reverse lookup answers from now on.
  void set_reverse(const std::string& name, const std::string& answer);
  /// The address has no reverse lookup from now on, for children that are started after this.
  void remove_reverse(const std::string& name);
  /// `alias` is a CNAME of `name`, which exists: lookups of it answer with that name.
  void add_cname(const std::string& name, const std::string& alias);
  /// Another name for the same address; the reverse stays.
  void add_alias(const std::string& name, const std::string& alias);
  [[nodiscard]] const std::string& address(const std::string& name) const;
  /// What a child needs to see these names.
  [[nodiscard]] Environment environment() const;

 private:
  void write() const;

  std::string file_;
  std::map<std::string, std::string> addresses_, reverse_;
  std::map<std::string, std::string> cnames_;  ///< alias -> name
  std::string without_reverse_;
};

}  // namespace kerbgate::e2e
