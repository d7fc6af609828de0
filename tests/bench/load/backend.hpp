#pragma once

#include "loop.hpp"
#include "options.hpp"
#include "stream.hpp"

namespace kerbgate::bench {

/// Answers whoever connects: as many octets as each request asks for.
class Backend final : public Watched {
 public:
  Backend(Loop& loop, const Options& options);
  ~Backend() override;
  void on_event(std::uint32_t events) override;
  /// Of requests, over all connections.
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  class Served;
  Loop& loop_;
  TlsContext context_;
  int fd_;
  std::uint64_t received_ = 0;
};

}  // namespace kerbgate::bench
