#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kerbgate::e2e {

using Octets = std::vector<std::uint8_t>;

/// How an AP-REQ is to be made; by default as a GSSAPI client with mutual authentication makes it.
struct Making {
  int clock = 0;  ///< seconds by which the client's clock is ahead
  /// Contents of the authenticator's checksum; none: an AP-REQ without one.
  std::optional<Octets> checksum = gss_checksum();
  std::int32_t checksum_type = 0x8003;
  std::int32_t session_enctype = 0;  ///< of a new service ticket; 0: the KDC's choice
  static Octets gss_checksum(std::uint32_t flags = 2 | 8 | 32, const Octets& more = {});
};

/// One client's ticket for a service, and AP-REQs with it: each has an authenticator of its own. Of one thread.
class ServiceTicket {
 public:
  /// From the environment's cache whatever its times are, else from the KDC.
  static ServiceTicket of_cache(const std::string& service, std::int32_t session_enctype = 0);
  ServiceTicket(ServiceTicket&&) noexcept;
  ServiceTicket& operator=(ServiceTicket&&) noexcept;
  ~ServiceTicket();

  /// Without a frame.
  Octets message(const Making& making = {});
  /// In GSSAPI's frame.
  Octets token(const Making& making = {});

 private:
  friend class TicketForge;
  struct State;
  explicit ServiceTicket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Makes tickets as a KDC would, with the service's key out of a keytab: for more clients than a database is to hold.
class TicketForge {
 public:
  TicketForge(const std::string& service, const std::string& keytab);
  ~TicketForge();
  TicketForge(const TicketForge&) = delete;
  TicketForge& operator=(const TicketForge&) = delete;

  /// For `user` of the service's realm, from now on for ten hours.
  ServiceTicket ticket(const std::string& user);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `message` in the frame of a GSSAPI initial token.
Octets framed(const Octets& message);

}  // namespace kerbgate::e2e
