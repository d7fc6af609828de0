#pragma once

#include <optional>

#include "krb5/keytab.hpp"

namespace kerbgate::keytab {

/// Holds libkrb5's list, entry by entry and in order, against a scan. Only as far as the first fatal damage: from there
/// on libkrb5 stops, or revives what cannot be trusted.
class Agreement {
 public:
  explicit Agreement(const Scan& scan);
  /// The next entry of libkrb5's list; false when no more is to be compared.
  bool take(const LibraryEntry& theirs);
  /// What the two disagree on. `failure`: why libkrb5 stopped, when it was not the end.
  std::vector<Damage> finish(const std::optional<Error>& failure);

 private:
  const Scan& scan_;
  std::size_t expected_;  ///< entries before the first fatal damage
  bool whole_;            ///< there is none
  std::size_t taken_ = 0;
  std::size_t extra_ = 0;
  std::vector<Damage> found_;
};

}  // namespace kerbgate::keytab
