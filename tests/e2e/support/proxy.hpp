#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace kerbgate::e2e {

/// A running proxy. In its configuration's text @NAME@ stands for a port: a free one is found for each NAME at its
/// first use and stays. When another process takes one meanwhile the proxy is started anew with others.
class Proxy {
 public:
  /// Returns when it listens on every @NAME@; throws with its output when it ends before that.
  Proxy(std::string program, const TempDir& dir, const Environment& environment, const std::string& text);

  [[nodiscard]] std::uint16_t port(const std::string& name) const { return ports_.at(name); }
  Process& process() { return *process_; }
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

  /// Replaces the file and sends SIGHUP.
  void reload(const std::string& text);
  /// Waits until somebody, or nobody, listens on the port of that name.
  void wait_listening(const std::string& name, bool listening = true) { wait_listening(port(name), listening); }
  void wait_listening(std::uint16_t port, bool listening = true);

 private:
  void write(const std::string& text);

  std::string file_;
  std::map<std::string, std::uint16_t> ports_;
  std::unique_ptr<Process> process_;
};

}  // namespace kerbgate::e2e
