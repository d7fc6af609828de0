#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kerbgate/principal.hpp"
#include "kerbgate/result.hpp"

/// A service's half of Kerberos: is this AP-REQ a login, and whose? Keys and settings are values, so that a process
/// that can read no file any more can be given new ones.
namespace kerbgate {

/// What of krb5.conf the acceptance of a ticket depends on: its sections [libdefaults] and [capaths].
struct Krb5Conf {
  struct Value {
    std::vector<std::string> names;  ///< "libdefaults", "clockskew"
    std::string value;
    friend bool operator==(const Value&, const Value&) = default;
  };
  std::vector<Value> values;  ///< in the order of the files

  /// As libkrb5 finds it (KRB5_CONFIG, includes). A host without one has no values: libkrb5's defaults hold. Errc::krb5
  /// with libkrb5's words when there is one that cannot be read.
  static Result<Krb5Conf> read();
  friend bool operator==(const Krb5Conf&, const Krb5Conf&) = default;
};

/// A keytab in memory. Immutable: any number of threads' acceptors share it. The keys are libkrb5's, which wipes them
/// with the last owner.
class AcceptorKeys {
 public:
  /// Where a key stands, without the key.
  struct Slot {
    Principal principal;
    std::uint32_t kvno = 0;
    std::int32_t enctype = 0;
  };

  /// From the bytes of a keytab file: all of it or nothing. Errc::damaged names the byte and what is wrong there;
  /// Errc::not_found is a keytab without keys. The caller wipes the bytes.
  static Result<std::shared_ptr<const AcceptorKeys>> make(std::span<const std::uint8_t> keytab);
  AcceptorKeys(const AcceptorKeys&) = delete;
  AcceptorKeys& operator=(const AcceptorKeys&) = delete;
  ~AcceptorKeys();

  [[nodiscard]] const std::vector<Slot>& slots() const noexcept { return slots_; }

 private:
  friend class Acceptor;
  struct State;
  AcceptorKeys(std::vector<Slot> slots, std::unique_ptr<State> state);
  std::vector<Slot> slots_;
  std::unique_ptr<State> state_;
};

/// An AP-REQ and what stands in its clear part.
struct ApReq {
  std::span<const std::uint8_t> message;  ///< without the GSSAPI frame and its token identifier
  Principal service;
  std::uint32_t kvno = 0;  ///< 0: not in the ticket
  std::int32_t enctype = 0;
};

/// Why an AP-REQ is no login.
struct NoLogin {
  enum class Why {
    malformed,      ///< the message, the authenticator, or its GSSAPI checksum (RFC 4121 section 4.1.1)
    no_service,     ///< the keytab has no key of the service
    no_enctype,     ///< it has keys of the service, none of this enctype
    no_kvno,        ///< it has keys of that enctype, none of this kvno, and none that opens the ticket
    wrong_key,      ///< the keytab's key of that kvno does not open the ticket, or what is in it was changed
    weak_enctype,   ///< krb5.conf's permitted_enctypes leaves out the ticket's enctype or the session key's
    skew,           ///< the client's clock
    expired,        ///< the ticket
    not_yet_valid,  ///< the ticket
    transited,      ///< it came through realms that [capaths] does not allow
    other,          ///< see words
  };
  Why why = Why::other;
  std::string words;  ///< libkrb5's own, or what is malformed; printable
  /// With `skew`: the client's clock minus this host's.
  std::chrono::seconds skew{0};
};

/// A login: the ticket was opened with a key of the keytab and the client has shown that it knows the session key.
/// It may still be a replay: see `id`.
struct Login {
  using Time = std::chrono::system_clock::time_point;

  Principal client, service;
  std::uint32_t kvno = 0;  ///< as the ticket says
  std::int32_t enctype = 0;
  std::int32_t session_enctype = 0;  ///< of the key that per-message tokens begin with: the client's subkey if any
  Time authtime, starttime, endtime;
  Time made;  ///< the authenticator's own time, by the client's clock
  bool mutual = false, dce_style = false, delegates = false;
  /// The same for the same authenticator however the message around it is written, and for no other one: made with the
  /// session key of all that the authenticator holds.
  using Id = std::array<std::uint8_t, 12>;
  Id id{};

  /// libkrb5's side of it (keytool/krb5/acceptor.hpp), for who completes the login. Of the acceptor's thread.
  struct State;
  std::shared_ptr<State> state;
};

/// A Login or the NoLogin that stood in its way.
struct Acceptance {
  std::optional<Login> login;
  NoLogin no;  ///< without a login
};

/// Judges AP-REQs as a coordinator's libkrb5 would, but for the replay cache: no file is touched, the caller remembers
/// Login::id for twice skew(). Of one thread; some 100 us a call; never blocks.
class Acceptor {
 public:
  static Result<Acceptor> make(const Krb5Conf& conf);
  Acceptor(Acceptor&&) noexcept;
  Acceptor& operator=(Acceptor&&) noexcept;
  ~Acceptor();

  /// Tries the key of the ticket's kvno and enctype, then the service's others of that enctype, whatever their kvno and
  /// realm: a wrongly numbered keytab works for libkrb5's services too.
  Acceptance accept(const ApReq& request, const AcceptorKeys& keys);
  /// clockskew in krb5.conf, 300 s without one.
  [[nodiscard]] std::chrono::seconds skew() const noexcept;

 private:
  struct State;
  explicit Acceptor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace kerbgate
