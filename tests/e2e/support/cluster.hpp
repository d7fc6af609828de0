#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/names.hpp"
#include "support/process.hpp"
#include "support/realm.hpp"
#include "support/socket.hpp"
#include "support/temp_dir.hpp"

namespace kerbgate::e2e {

/// A Kerberized Impala as far as a proxy can tell: a realm, names, coordinators on hosts of their own, the user alice.
/// Host n is host<n>.example.test; all take the key of impala/proxy.example.test from merged keytabs.
class Cluster {
 public:
  /// Where the coordinator and shell programs are: KERBGATE_BIN of the test program's build.
  Cluster(std::string programs, int coordinators, Realm::Options options = {});

  static inline const std::string kProxy = "proxy.example.test";
  static inline const std::string kProxyPrincipal = "impala/proxy.example.test";
  static std::string host(int n) { return "host" + std::to_string(n) + ".example.test"; }
  static std::string principal(int n) { return "impala/" + host(n); }

  [[nodiscard]] const TempDir& dir() const noexcept { return dir_; }
  Realm& realm() noexcept { return *realm_; }
  Names& names() noexcept { return names_; }
  /// What every child process of the cluster runs with.
  [[nodiscard]] Environment environment() const;

  [[nodiscard]] std::string keytab(int n) const;
  [[nodiscard]] std::string flagfile(int n) const;
  /// Writes host n's keytab anew: its own key and the proxy's present one. Running coordinators use it at the next
  /// login.
  void merge_keytab(int n);

  /// Starts (or starts again) host n's coordinator, with more options; its port stays.
  Process& start(int n, const std::vector<std::string>& options = {});
  void stop(int n);
  Process& coordinator(int n) { return *coordinators_.at(n).process; }
  [[nodiscard]] std::uint16_t port(int n) const { return coordinators_.at(n).port; }
  [[nodiscard]] std::string address(int n) const;  ///< host:port by name

  /// Runs the shell to its end as alice, with a ticket of now.
  Outcome shell(std::vector<std::string> options);
  /// A shell that takes queries by send_line() over one connection.
  std::unique_ptr<Process> open_shell(std::vector<std::string> options);

 private:
  struct Coordinator {
    std::unique_ptr<Process> process;
    std::uint16_t port = 0;
  };
  [[nodiscard]] Environment as_alice();

  std::string programs_;
  TempDir dir_;
  Names names_;
  std::unique_ptr<Realm> realm_;
  std::map<int, Coordinator> coordinators_;
};

}  // namespace kerbgate::e2e
