#pragma once

#include "probe/target.hpp"

namespace kerbgate::probe {

/// The addresses that the keeper found: a look waits for no name server.
class Addresses final : public Resolver {
 public:
  explicit Addresses(const Target& target) : target_(target) {}
  Result<Forward> forward(const std::string& host) override {
    if (target_.addresses.empty()) return Error(Errc::not_found, host + " has no address");
    return Forward{target_.addresses, host};
  }
  Result<std::optional<std::string>> reverse(const IpAddress&) override { return std::optional<std::string>(); }

 private:
  const Target& target_;
};

}  // namespace kerbgate::probe
