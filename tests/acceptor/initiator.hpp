#pragma once

#include <memory>
#include <string>

#include "acceptor/service_ticket.hpp"
#include "kerbgate/acceptor.hpp"
#include "support/realm.hpp"
#include "support/temp_dir.hpp"

namespace kerbgate::e2e {

/// A realm with the service impala/lb.example.test and the user alice, who is logged in; her AP-REQs.
class Initiator {
 public:
  explicit Initiator(const std::string& enctypes = "");

  static inline const std::string kService = "impala/lb.example.test";
  Realm& realm() { return realm_; }
  [[nodiscard]] std::string keytab() const { return dir_ / "service.keytab"; }
  /// The service's present keys are appended to its keytab.
  void export_key() { realm_.export_keytab({kService}, keytab()); }
  /// The keytab as it is now.
  [[nodiscard]] std::shared_ptr<const AcceptorKeys> keys() const;
  [[nodiscard]] Acceptor acceptor() const;
  /// A new ticket-granting ticket and no other.
  void log_in(const std::string& user = "alice");
  /// The same and a service ticket, by programs whose clocks are `seconds` ahead, as is the KDC's.
  void log_in_at(int seconds);

  /// Without a frame.
  [[nodiscard]] Octets message(const Making& making = {}) const;
  /// In GSSAPI's frame.
  [[nodiscard]] Octets token(const Making& making = {}) const;
  [[nodiscard]] const TempDir& dir() const { return dir_; }

 private:
  TempDir dir_;
  Realm realm_;
};

/// What the acceptor makes of a GSSAPI token, as the proxy asks it.
Acceptance judged(Acceptor& acceptor, const AcceptorKeys& keys, const Octets& token);

}  // namespace kerbgate::e2e
