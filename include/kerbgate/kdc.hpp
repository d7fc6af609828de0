#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kerbgate/keytab.hpp"
#include "kerbgate/principal.hpp"
#include "kerbgate/resolver.hpp"
#include "kerbgate/result.hpp"

/// The KDC, asked by libkrb5 as a client asks it, with limits of time that libkrb5 itself does not have.
namespace kerbgate::kdc {

/// What kind of failure a KDC's answer, or its silence, is.
enum class Errc {
  unreachable = 1,  ///< no KDC of the realm answered
  realm_unknown,    ///< neither krb5.conf nor DNS names a KDC
  client_unknown,   ///< the principal that logs in
  server_unknown,   ///< the service's principal
  key_refused,      ///< the key that logs in is not the one that the KDC has
  no_key,           ///< the keytab holds no key of the principal, or cannot be read
  clock_skew,       ///< the KDC says so
  no_ticket,        ///< no credentials cache, or what it holds has expired
  other,
};
const std::error_category& category() noexcept;
std::error_code make_error_code(Errc) noexcept;
/// True when an Error of this file is of that kind.
bool is(const Error& error, Errc code) noexcept;

/// A service ticket as the KDC made it: what a service needs to open it.
struct ServiceTicket {
  Principal server;
  std::uint32_t kvno = 0;
  std::int32_t enctype = 0;
  std::vector<std::uint8_t> cipher;  ///< the encrypted part
  std::int64_t expires = 0;          ///< by the KDC's clock, seconds since 1970
};

/// Whether this key opens the ticket, as the service would open it. The entry's kvno and principal do not count.
bool opens(const keytab::Entry& entry, const ServiceTicket& ticket);

/// One KDC that was asked.
struct Asked {
  std::string address;  ///< "10.0.0.1:88 (kdc1.example.com)"
  std::string outcome;  ///< "answered", "connection refused", "no answer within 5 s"
  bool answered = false;
};

struct Options {
  std::chrono::milliseconds limit{5000};  ///< for each address of a KDC and each of its two protocols
};

/// A login at the KDC and the tickets that come of it, in a credentials cache in memory. Of one thread.
///
/// KDCs that krb5.conf names (`kdc = `) are asked here, over TCP and, where that is refused, UDP, each within the
/// limit, and one that did not answer is not asked again. A realm whose KDCs only DNS or a plug-in knows, or that is
/// reached by a KKDCP address, is left to libkrb5, which gives up after some 20 s a KDC.
class Session {
 public:
  static Result<Session> open(const Options& options, Resolver& resolver);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// A ticket-granting ticket with `client`'s key in FILE:`keytab`; libkrb5 chooses kvno and enctype.
  Result<void> log_in(const Principal& client, const std::string& keytab);
  /// The ticket-granting ticket and service tickets of the default cache (KRB5CCNAME), copied: the cache itself is not
  /// changed. The principal that they are of.
  Result<Principal> take_default_cache();
  /// A ticket for exactly `server`: the name is not made canonical.
  Result<ServiceTicket> ticket(const Principal& server);

  /// Asks the KDC something that it refuses with its time, where nothing else has told clock_offset().
  void ask_time(const Principal& client);

  /// "MEMORY:..." for GssLogin; it lives as long as this object.
  [[nodiscard]] const std::string& cache() const noexcept;
  /// KDC's clock minus this host's, once the KDC has said its time.
  [[nodiscard]] std::optional<std::chrono::seconds> clock_offset() const;
  /// What krb5.conf's `clockskew` allows; 300 s unless it says otherwise.
  [[nodiscard]] std::chrono::seconds allowed_skew() const;
  /// Every address that was asked, in order, each with its last outcome; empty when libkrb5 did it by itself.
  [[nodiscard]] const std::vector<Asked>& asked() const noexcept;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace kerbgate::kdc

template <>
struct std::is_error_code_enum<kerbgate::kdc::Errc> : std::true_type {};
