#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "balance/chooser.hpp"

namespace kerbgate::balance {

/// What is so of one server now, as its pool tells the roster.
struct Live {
  bool up = true;
  bool ready = true;  ///< neither drained nor in maintenance
  bool room = true;   ///< its own queue takes one more
  std::uint32_t weight = 1;
  std::uint32_t current = 0;
  std::uint32_t maxconn = 0;         ///< 0: no limit
  std::optional<Now> up_since;       ///< when it last came up; unset: it always was
  std::uint32_t queries = 0;         ///< what it runs, as far as is known
  std::optional<Now> fresh_until{};  ///< until when that is to be believed; unset: it is not known
};

/// Where a connection goes.
struct Choice {
  enum class What {
    place,       ///< on `server`, now
    wait_for,    ///< `server` is the one, and full: wait for it
    wait,        ///< all that would do are full: the first to have a place
    queue_full,  ///< all that would do are full, and so are their queues
    all_tried,
    none_up,
  };
  What what = What::none_up;
  ServerIndex server = kNoServer;
};

/// The servers of one pool as its algorithm sees them, and the rules that all algorithms share: backups, slow start,
/// and who may be waited for. Knows no queue and takes no lock.
class Roster {
 public:
  explicit Roster(const PoolConf& conf);

  void update(ServerIndex server, const Live& live);
  /// The server is another one.
  void rekey(ServerIndex server, const std::string& key);
  /// Lets slow starts climb to where they are at `now`.
  void advance(Now now);

  /// Draws that are needed and not there are made here, with whatever lock is held.
  Choice choose(const Pick& pick);
  /// Algorithm::source: whether choose() will want `draws` for this client. They may be had without a lock, by
  /// draws_of().
  [[nodiscard]] bool needs_draws(std::uint64_t client) const { return chooser_->needs_draws(client); }
  [[nodiscard]] const std::vector<std::uint64_t>& draws_of(std::uint64_t client) const;
  /// How often keys have changed: draws of before are void.
  [[nodiscard]] std::uint64_t rekeys() const { return rekeys_; }
  /// Whether a place on this server would do for one who waits for any.
  [[nodiscard]] bool suits(ServerIndex server, std::span<const ServerIndex> tried) const;

  [[nodiscard]] const Slot& slot(ServerIndex server) const { return slots_[server]; }
  [[nodiscard]] std::uint32_t usable() const { return usable_active_ + usable_backup_; }
  [[nodiscard]] std::uint32_t usable_backup() const { return usable_backup_; }
  [[nodiscard]] std::uint32_t current() const { return current_; }

 private:
  struct Static {
    std::uint32_t weight = 1;
    std::chrono::milliseconds slowstart{0};
    std::optional<Now> up_since;
  };
  void mark(ServerIndex server, bool usable);
  void set_effective(ServerIndex server, std::optional<Now> up_since);
  [[nodiscard]] std::uint32_t weight_of(ServerIndex server, const Live& live) const;
  [[nodiscard]] std::uint32_t climbed(ServerIndex server, Now now) const;
  [[nodiscard]] bool active_left(std::span<const ServerIndex> tried) const;
  [[nodiscard]] ServerIndex first_backup(std::span<const ServerIndex> tried) const;
  [[nodiscard]] Choice choose_active(const Pick& pick);
  [[nodiscard]] Choice choose_backup(const Pick& pick) const;

  Algorithm algorithm_;
  std::vector<Static> static_;
  /// Algorithm::source: of the servers' keys. Read without the pool's lock, and again when one has changed meanwhile.
  std::vector<std::atomic<std::uint64_t>> hashes_;
  std::vector<Slot> slots_;
  std::vector<ServerIndex> backups_;
  std::vector<ServerIndex> climbing_;  ///< in slow start
  std::unique_ptr<Chooser> chooser_;
  std::uint64_t rekeys_ = 0;
  Now now_{};  ///< as of the last advance()
  std::uint32_t usable_active_ = 0, usable_backup_ = 0, current_ = 0;
};

}  // namespace kerbgate::balance
