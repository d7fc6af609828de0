#include "kerbgate/secret.hpp"

#include <cstring>

namespace kerbgate {

Secret::Secret(std::span<const std::uint8_t> bytes) : bytes_(bytes.begin(), bytes.end()) {}
Secret::Secret(std::size_t zeroed) : bytes_(zeroed) {}
Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

Secret::~Secret() { wipe(); }

void Secret::append(std::span<const std::uint8_t> more) {
  if (bytes_.size() + more.size() > bytes_.capacity()) {
    std::vector<std::uint8_t> larger;
    larger.reserve((bytes_.size() + more.size()) * 2);
    larger.assign(bytes_.begin(), bytes_.end());
    wipe();
    bytes_ = std::move(larger);
  }
  bytes_.insert(bytes_.end(), more.begin(), more.end());
}

void Secret::wipe() noexcept {
  if (!bytes_.empty()) explicit_bzero(bytes_.data(), bytes_.size());
  bytes_.clear();
}

bool operator==(const Secret& a, const Secret& b) noexcept {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= unsigned(a.bytes_[i] ^ b.bytes_[i]);
  return difference == 0;
}

}  // namespace kerbgate
