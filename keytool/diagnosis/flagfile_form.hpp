#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/check_result.hpp"
#include "kerbgate/daemon_flags.hpp"
#include "settings/flagfile.hpp"

namespace kerbgate::diagnosis {

/// The flags that a daemon takes from a flagfile.
class EffectiveFlags {
 public:
  explicit EffectiveFlags(std::vector<FileFlag> flags) : flags_(std::move(flags)) {}
  /// The last one that gflags sets; nullptr when there is none.
  [[nodiscard]] const FileFlag* find(std::string_view name) const;
  /// Its value; empty when it is not set.
  [[nodiscard]] std::string value(std::string_view name) const;
  /// A boolean that is set: `--name` or `--name=true`; a later `--noname` unsets it.
  [[nodiscard]] bool on(std::string_view name) const;
  [[nodiscard]] std::size_t size() const noexcept { return flags_.size(); }

 private:
  std::vector<FileFlag> flags_;
};

/// Where a flagfile is not read as it looks.
struct FlagfileForm {
  EffectiveFlags flags{{}};
  std::vector<CheckResult> results;  ///< a row a kind of surprise; a single pass when there is none
  /// Flags that are not what their line looks like, and the check that says so: their values need no row of their own.
  std::map<std::string, std::string, std::less<>> blamed;
};

struct FormNeeds {
  std::string file;  ///< its name in results and remedies
  DaemonFlags wanted;
  std::string keytab, proxy, host;  ///< for remedies
};

/// Reads `text` as the daemon's gflags do and as a person does, and names each difference. Pure. One that changes
/// principal, be_principal or keytab_file is a fail, any other a warning.
FlagfileForm flagfile_form(const std::string& text, const FormNeeds& needs);

}  // namespace kerbgate::diagnosis
