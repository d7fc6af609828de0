#include <utility>

#include "balance/pool.hpp"

namespace kerbgate::balance {

Lease::Lease(Lease&& other) noexcept
    : pool_(std::move(other.pool_)), server_(std::exchange(other.server_, kNoServer)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  release();
  pool_ = std::move(other.pool_);
  server_ = std::exchange(other.server_, kNoServer);
  return *this;
}

Lease::~Lease() { release(); }

void Lease::release() noexcept {
  const auto pool = std::move(pool_);
  const ServerIndex server = std::exchange(server_, kNoServer);
  if (pool) pool->give_back(server);
}

}  // namespace kerbgate::balance
