#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kerbgate/resolver.hpp"
#include "rules/condition.hpp"

/// What is remembered of clients: which server is theirs, how many connections they have and how fast new ones come.
namespace kerbgate::rules {

using Clock = std::chrono::steady_clock;
using Now = Clock::time_point;

struct TableConf {
  enum class Type : std::uint8_t { ip, ipv6, string } type = Type::ip;
  std::uint64_t size = 0;                    ///< entries at the most
  std::size_t length = 32;                   ///< of a string key; longer ones are cut
  std::chrono::milliseconds expire{0};       ///< after the last use; 0: never
  bool nopurge = false;                      ///< a full table takes no one new, else the one not used for longest goes
  bool current = false, total = false;       ///< conn_cur, conn_cnt are stored
  std::chrono::milliseconds rate_period{0};  ///< of conn_rate; 0: not stored
  friend bool operator==(const TableConf&, const TableConf&) = default;
};

class StickTable;

/// One connection's hold on its client's entry: counted while it lives.
class Tracked {
 public:
  Tracked() = default;
  Tracked(Tracked&& other) noexcept : table_(std::move(other.table_)), entry_(std::exchange(other.entry_, nullptr)) {}
  Tracked& operator=(Tracked&& other) noexcept {
    std::swap(table_, other.table_);
    std::swap(entry_, other.entry_);
    return *this;
  }
  ~Tracked();
  [[nodiscard]] explicit operator bool() const noexcept { return entry_ != nullptr; }
  [[nodiscard]] std::uint64_t count(Count what, Now now) const;

 private:
  friend class StickTable;
  Tracked(std::shared_ptr<StickTable> table, void* entry) : table_(std::move(table)), entry_(entry) {}
  std::shared_ptr<StickTable> table_;
  void* entry_ = nullptr;
};

/// Thread-safe: one short lock a call. Never holds more than `size` entries; one that connections count on stays.
class StickTable : public std::enable_shared_from_this<StickTable> {
 public:
  explicit StickTable(const TableConf& conf) : conf_(conf) {}

  /// After a reload. Entries stay; what is too many goes as others come. The type must be the same.
  void configure(const TableConf& conf);
  [[nodiscard]] TableConf conf() const;

  /// The key of an address in this table; nothing when its type cannot hold it (IPv6 in a table of type ip).
  [[nodiscard]] std::optional<std::string> key_of(const IpAddress& address) const;
  [[nodiscard]] std::optional<std::string> key_of(std::string_view text) const;

  /// Counts one more connection. An empty handle when the table is full and takes no one new.
  Tracked track(const std::string& key, Now now);
  [[nodiscard]] std::uint64_t count(const std::string& key, Count what, Now now);

  /// The server that this client had; empty: none.
  [[nodiscard]] std::string server_of(const std::string& key, Now now);
  void store(const std::string& key, const std::string& server, Now now);

  [[nodiscard]] std::size_t used() const;

 private:
  friend class Tracked;
  struct Rate {
    Now began{};
    std::uint64_t now = 0, before = 0;  ///< in the period that runs, in the one before
    void turn(Now at, std::chrono::milliseconds period);
    void add(Now at, std::chrono::milliseconds period);
    [[nodiscard]] std::uint64_t value(Now at, std::chrono::milliseconds period);
  };
  struct Entry {
    std::string key, server;
    std::uint64_t current = 0, total = 0;
    Rate rate;
    Now used{};
  };
  using Entries = std::list<Entry>;

  Entry* find(const std::string& key, Now now);
  Entry* find_or_make(const std::string& key, Now now);
  void touch(Entries::iterator entry, Now now);
  void expire(Now now);
  bool make_room(Now now);
  [[nodiscard]] bool expired(const Entry& entry, Now now) const;
  [[nodiscard]] std::uint64_t value(Entry& entry, Count what, Now now) const;

  mutable std::mutex mutex_;
  TableConf conf_;
  Entries entries_;  ///< the one not used for longest first
  std::unordered_map<std::string, Entries::iterator> by_key_;
};

}  // namespace kerbgate::rules
