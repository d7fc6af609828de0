#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "kerbgate/kdc.hpp"

namespace kerbgate::probe {

/// A service ticket, with the credentials cache in memory that holds it. Any thread may log in with it.
struct Ticket {
  kdc::Session session;
  Principal client, server;
  std::uint32_t kvno = 0;
  std::string enctype;
  bool skewed = false;  ///< this host's clock and the KDC's differ by more than Kerberos allows
  std::chrono::steady_clock::time_point got, ends;

  std::unique_ptr<std::mutex> busy = std::make_unique<std::mutex>();

  [[nodiscard]] std::string words() const;  ///< "kvno 2 aes256-cts-hmac-sha1-96"
  /// Puts a ticket for another service beside it in the cache; false when there is none to be had.
  bool fetch_too(const Principal& other);
};

/// The ticket that checks log in with: fetched with a key of a keytab, fetched anew while it lasts so that it is of the
/// key that clients get theirs for, and at once when a coordinator refuses it. Any thread; one fetches, the others go
/// on with what there is.
class Tickets {
 public:
  /// `service` and `client` with a realm or without: then it is that of the keytab's entry. `resolver` must outlive it.
  Tickets(std::string service, std::string client, std::string keytab, Resolver& resolver);

  struct Got {
    std::shared_ptr<Ticket> now;     ///< null: none is to be had; see trouble
    std::shared_ptr<Ticket> before;  ///< one of another key version that is still valid, if any
    std::string trouble;             ///< why the last attempt failed; empty: it did not
  };
  /// `refused`: a coordinator has just refused this one.
  Got get(const Ticket* refused = nullptr);

 private:
  struct Fetched {
    std::shared_ptr<Ticket> ticket;
    std::string trouble;
    std::uint32_t key = 0;  ///< the kvno that logged in
    std::optional<keytab::FileState> state;
  };
  using Now = std::chrono::steady_clock::time_point;
  [[nodiscard]] bool valid(const std::shared_ptr<Ticket>& ticket, Now now) const;
  [[nodiscard]] bool due(Now now, const Ticket* refused) const;
  [[nodiscard]] Got what_there_is(Now now);
  void take(Fetched fetched, Now now);
  [[nodiscard]] Fetched fetch(std::uint32_t key_first) const;
  Result<std::shared_ptr<Ticket>> ask_kdc(const Principal& client, const Principal& server,
                                          const std::vector<keytab::Entry>& keys, std::uint32_t kvno) const;

  const std::string service_, client_, keytab_;
  Resolver& resolver_;
  std::mutex mutex_;
  std::condition_variable done_;
  bool fetching_ = false;
  std::shared_ptr<Ticket> now_, before_;
  std::string trouble_;
  Now next_attempt_{};
  std::uint32_t key_ = 0;
  std::optional<keytab::FileState> state_;  ///< of the keytab as last read
};

}  // namespace kerbgate::probe
