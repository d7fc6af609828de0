#pragma once

#include "loop.hpp"
#include "options.hpp"
#include "prepared_logins.hpp"
#include "stream.hpp"

namespace kerbgate::bench {

/// Answers whoever connects: as many octets as each request asks for, or (with a service) its login.
class Backend final : public Watched {
 public:
  /// `service`: whose logins are served; nullptr: requests are. Outlives the backend.
  Backend(Loop& loop, const Options& options, Service* service);
  ~Backend() override;
  void on_event(std::uint32_t events) override;
  /// Of requests, over all connections.
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  class Served;
  Loop& loop_;
  Service* service_;
  TlsContext context_;
  int fd_;
  std::uint64_t received_ = 0;
};

}  // namespace kerbgate::bench
