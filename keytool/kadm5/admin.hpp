#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kerbgate/keytab.hpp"
#include "kerbgate/principal.hpp"
#include "kerbgate/result.hpp"

/// The KDC's database, through kadmind or, on the KDC's host, directly. The only place that knows MIT's kadm5 library.
namespace kerbgate::kadm5 {

/// As whom to ask.
struct Access {
  enum class Way {
    keytab,  ///< kadmind, as `principal` with its key in `keytab`
    ccache,  ///< kadmind, with the kadmin ticket in the default credential cache
    local,   ///< no kadmind: the database itself, as kadmin.local opens it
  };
  Way way = Way::keytab;
  std::string principal;
  std::string keytab;
};

struct KeyKind {
  std::uint32_t kvno = 0;
  std::int32_t enctype = 0;
  friend auto operator<=>(const KeyKind&, const KeyKind&) = default;
};

/// What the KDC has of a principal; never a key.
struct Record {
  std::uint32_t kvno = 0;         ///< the newest: what tickets are made with
  std::vector<KeyKind> keys;      ///< all of them, older ones too
  std::chrono::seconds max_life;  ///< of its tickets; 0: no limit of its own
  std::int64_t key_changed = 0;   ///< when the newest key came to be, seconds since 1970; 0: not known
};

/// A connection. Of one thread. Every call says in its Error which letter of kadm5.acl is lacking when kadmind refuses
/// (Errc::permission); a principal that is not there is Errc::not_found.
class Admin {
 public:
  static Result<Admin> connect(const Access& access, const std::string& realm);
  Admin(Admin&&) noexcept;
  Admin& operator=(Admin&&) noexcept;
  ~Admin();

  Result<Record> get(const Principal& principal);  ///< needs `i`
  /// Adds keys of one new kvno and keeps the old ones; the new are in force at once. Needs `s`. Errc::conflict when the
  /// KDC has that kvno already. Only the entries' kvno, enctype and key count.
  Result<void> add_keys(const Principal& principal, std::span<const keytab::Entry> keys);
  /// Drops all keys older than `keep`. Needs `m`.
  Result<void> purge(const Principal& principal, std::uint32_t keep);

 private:
  struct State;
  explicit Admin(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace kerbgate::kadm5
