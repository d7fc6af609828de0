#pragma once

#include <string>
#include <vector>

#include "rotate/holders.hpp"
#include "rotate/initiator.hpp"

/// The keytabs of a rotation as files.
namespace kerbgate::rotate {

/// Reads DIR/HOST/*.keytab and DIR/*.keytab (`directory`; empty: none), then `files`; a file that is reached twice is
/// read once. A keytab with damage is Errc::damaged, none at all Errc::not_found.
Result<std::vector<HostKeytab>> read_keytabs(const std::string& directory, const std::vector<std::string>& files);

/// DIR/HOST/*_flags, of the folder that the keytab stands in.
Result<std::vector<Flagfile>> read_flagfiles(const HostKeytab& keytab);

/// Adds `keys` to the file and to `keytab`. Fails, leaving it as it was, when another program has changed it.
Result<void> add_keys(HostKeytab& keytab, const std::vector<keytab::Entry>& keys);
/// Takes the principal's keys older than `keep` out of the file and of `keytab`.
Result<void> drop_older(HostKeytab& keytab, const Principal& principal, std::uint32_t keep);

/// While it lives, the signals with which a person stops a program wait. stopped(): one does.
class StopsHeld {
 public:
  StopsHeld();
  StopsHeld(const StopsHeld&) = delete;
  StopsHeld& operator=(const StopsHeld&) = delete;
  ~StopsHeld();  ///< the signal that waits takes its course here
  [[nodiscard]] static bool stopped();

 private:
  std::vector<int> held_;
};

}  // namespace kerbgate::rotate
