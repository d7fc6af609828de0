#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace kerbgate::e2e {

/// A real nameserver on a free loopback port, which knows nothing but what it is told.
class Dnsmasq {
 public:
  static constexpr const char* kProgram = "/usr/sbin/dnsmasq";
  static bool installed();

  /// `hosts`: lines of a hosts file; `options`: further ones of dnsmasq's, --srv-host among them.
  Dnsmasq(const TempDir& dir, const std::string& hosts, std::vector<std::string> options = {});

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Returns when dnsmasq has read them.
  void set(const std::string& hosts);
  /// Started anew on its port, with other options.
  void restart(std::vector<std::string> options);
  Process& process() { return *process_; }

 private:
  void write(const std::string& hosts) const;
  void start(const std::vector<std::string>& options);

  std::string file_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace kerbgate::e2e
