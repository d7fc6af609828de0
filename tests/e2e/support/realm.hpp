#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace kerbgate::e2e {

/// A Kerberos realm of its own: MIT krb5kdc on a free loopback port, database, configuration and keytabs in one
/// directory. Ready when the constructor returns, gone with the object.
class Realm {
 public:
  struct Options {
    std::string name = "EXAMPLE.TEST";
    bool rdns = true;                   ///< as in libkrb5, which clients keep unless they are told otherwise
    std::string canonicalize = "true";  ///< dns_canonicalize_hostname
    std::string ticket_lifetime = "1h";
  };
  Realm(const TempDir& dir, Options options);
  explicit Realm(const TempDir& dir) : Realm(dir, Options{}) {}

  [[nodiscard]] const std::string& name() const noexcept { return options_.name; }
  /// KRB5_CONFIG for children: everything else follows from it.
  [[nodiscard]] Environment environment() const;
  /// The same realm seen by a client with other [libdefaults]; the environment that selects them.
  [[nodiscard]] Environment environment_with(const std::string& label, const Options& options) const;

  void add_service(const std::string& principal);  ///< with a random key
  void add_user(const std::string& principal);     ///< with a keytab, which stands for the password
  /// A new key and key version at the KDC; keytabs keep the old one.
  void change_key(const std::string& principal);
  /// Appends the principals' present keys, as `ktadd -norandkey` does.
  void export_keytab(const std::vector<std::string>& principals, const std::string& file);
  /// The KDC is gone; its port is free.
  void stop_kdc();
  /// It runs again, on a port of its choice, with more in its environment: a shifted clock.
  void restart_kdc(const Environment& more = {});
  [[nodiscard]] std::uint16_t kdc_port() const noexcept { return port_; }
  /// For restart_kdc(): a clock that many seconds ahead.
  static Environment shifted_clock(int seconds);
  /// A clock that is ahead by the 64-bit number of seconds in `file`, which may change.
  static Environment moving_clock(const std::string& file);
  /// One administrative command; throws with kadmin's words unless it succeeds.
  void kadmin(std::vector<std::string> command);

  /// An administration server with these lines as its kadm5.acl (`ADMIN@REALM is`), on a free port; clients find it by
  /// krb5.conf. It reads the lines once.
  void start_kadmind(const std::string& acl);
  void stop_kadmind() { kadmind_.reset(); }
  /// The KDC takes the principal's key for `seconds` older than it is.
  void age_key(const std::string& principal, std::uint32_t seconds);

  /// A fresh ticket-granting ticket; the environment in which `user` is logged in.
  [[nodiscard]] Environment login(const std::string& user);

 private:
  [[nodiscard]] std::string krb5_conf(const Options& options) const;
  void write_kdc_conf() const;
  void write_krb5_conf() const;
  void start(const Environment& more = {});

  std::string dir_;
  Options options_;
  std::uint16_t port_ = 0, kadmind_port_ = 0, kpasswd_port_ = 0;
  std::unique_ptr<Process> kdc_, kadmind_;
};

}  // namespace kerbgate::e2e
