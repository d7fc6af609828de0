#include "balance/pool.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "balance/family.hpp"
#include "balance/source_hash.hpp"

namespace kerbgate::balance {

struct Pool::State {
  PoolConf conf;
  std::shared_ptr<Family> family;
  Table table;

  State(PoolConf given, std::shared_ptr<Family> shared)
      : conf(std::move(given)), family(std::move(shared)), table{Roster(conf), {}} {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    const std::lock_guard lock(family->mutex);
    for (const auto& server : table.servers)
      std::erase_if(server->members, [this](const Server::Member& member) { return member.table == &table; });
  }

  /// Takes over the servers that were there before, by name and key.
  void join(const std::vector<std::shared_ptr<Server>>& before, Now now);
  [[nodiscard]] Server* at(ServerIndex index) const {
    return index < table.servers.size() ? table.servers[index].get() : nullptr;
  }
  /// Where one goes who has a server of his own; nothing: to whatever the algorithm says.
  [[nodiscard]] std::optional<Choice> preferred(const Ask& ask) const;
  /// `change(server)`: whether anything changed. What that frees is handed on.
  template <class Change>
  void change(ServerIndex index, Now now, Change change);
  static void deliver(Queue& granted) noexcept;
  [[nodiscard]] ServerView view(ServerIndex index) const;
};

namespace {

Answer refused(Refusal why) { return {{}, false, why, {}, {}, {}}; }

using Known = std::multimap<std::pair<std::string, std::string>, std::shared_ptr<Server>>;

void configure(Server& server, const ServerConf& conf, bool is_new) {
  if (is_new || conf.disabled != server.conf_disabled) server.admin = conf.disabled ? Admin::maint : Admin::ready;
  server.name = conf.name;
  server.key = conf.key;
  server.conf_disabled = conf.disabled;
  server.weight = std::min(conf.weight, 256U);
  server.maxconn = conf.maxconn;
  server.maxqueue = conf.maxqueue;
}

std::shared_ptr<Server> known_or_new(Known& known, const ServerConf& conf, Now now) {
  const auto node = known.extract({conf.name, conf.key});
  auto server = node ? node.mapped() : std::make_shared<Server>();
  configure(*server, conf, !node);
  if (!node) server->standing = {server->stands(), now, 0, {}};
  server->standing.become(server->stands(), now);
  return server;
}

}  // namespace

void Pool::State::join(const std::vector<std::shared_ptr<Server>>& before, Now now) {
  Known known;
  for (const auto& server : before) known.emplace(std::pair(server->name, server->key), server);
  for (const ServerConf& server : conf.servers) {
    const auto index = static_cast<ServerIndex>(table.servers.size());
    table.servers.push_back(known_or_new(known, server, now));
    table.servers.back()->members.push_back({&table, index});
    table.servers.back()->tell();
  }
}

std::optional<Choice> Pool::State::preferred(const Ask& ask) const {
  const Server* const wanted = at(ask.prefer);
  if (!wanted || !wanted->stands() || wanted->quiescing) return std::nullopt;
  if (std::find(ask.tried.begin(), ask.tried.end(), ask.prefer) != ask.tried.end()) return std::nullopt;
  if (wanted->has_place()) return Choice{Choice::What::place, ask.prefer};
  // Who is drained frees no places for those who wait.
  const bool room = wanted->maxqueue == 0 || wanted->queue.size() < wanted->maxqueue;
  if (!wanted->usable() || !room) return std::nullopt;
  return Choice{Choice::What::wait_for, ask.prefer};
}

/// Hands out what was granted. A waiter that gives its place back at once may free the next: that one is served by the
/// same loop, so that a long queue cannot exhaust the stack.
void Pool::State::deliver(Queue& granted) noexcept {
  thread_local Queue* delivering = nullptr;
  if (delivering) {
    delivering->splice(delivering->end(), granted);
    return;
  }
  delivering = &granted;
  while (!granted.empty()) {
    Entry entry = std::move(granted.front());
    granted.pop_front();
    entry.waiter->granted(Lease(std::move(entry.pool), entry.place));
  }
  delivering = nullptr;
}

template <class Change>
void Pool::State::change(ServerIndex index, Now now, Change change) {
  Queue granted;
  {
    const std::lock_guard lock(family->mutex);
    Server* const server = at(index);
    if (!server || !change(*server)) return;
    server->standing.become(server->stands(), now);
    server->tell();
    family->standing.become(table.roster.usable() > 0, now);
    family->settle(*server, granted);
  }
  deliver(granted);
}

std::shared_ptr<Pool> Pool::make(PoolConf conf, const std::shared_ptr<Pool>& previous, Now now) {
  auto family = previous ? previous->state_->family : std::make_shared<Family>();
  const std::shared_ptr<Pool> pool(new Pool(std::make_unique<State>(std::move(conf), family)));
  Queue granted;
  {
    const std::lock_guard lock(family->mutex);
    pool->state_->join(previous ? previous->state_->table.servers : std::vector<std::shared_ptr<Server>>{}, now);
    const bool usable = pool->state_->table.roster.usable() > 0;
    if (!previous) family->standing = {usable, now, 0, {}};
    family->standing.become(usable, now);
    for (const auto& server : pool->state_->table.servers) family->settle(*server, granted);
  }
  State::deliver(granted);
  return pool;
}

Pool::Pool(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pool::~Pool() = default;

Answer Pool::acquire(const Ask& ask, Waiter* waiter) {
  Roster& roster = state_->table.roster;
  Pick pick{ask.tried, ask.random, client_hash(ask.source), {}};
  Family& family = *state_->family;
  std::unique_lock lock(family.mutex);
  if (roster.needs_draws(pick.client)) {
    const std::uint64_t rekeys = roster.rekeys();
    lock.unlock();
    pick.draws = roster.draws_of(pick.client);
    lock.lock();
    if (roster.rekeys() != rekeys) pick.draws = roster.draws_of(pick.client);
  }
  roster.advance(ask.now);
  const std::optional<Choice> own = state_->preferred(ask);
  const Choice choice = own ? *own : roster.choose(pick);
  switch (choice.what) {
    case Choice::What::place:
      state_->at(choice.server)->take();
      ++family.total;
      return {Lease(shared_from_this(), choice.server), {}, {}, {}, {}, {}};
    case Choice::What::wait_for:
    case Choice::What::wait:
      break;
    case Choice::What::queue_full:
      return refused(Refusal::queue_full);
    case Choice::What::all_tried:
      return refused(Refusal::all_tried);
    case Choice::What::none_up:
      return refused(Refusal::no_server_up);
  }
  if (!waiter) return refused(Refusal::queue_full);
  Server* const waits_for = state_->at(choice.server);
  const auto ahead = static_cast<std::uint32_t>(waits_for ? waits_for->queue.size() : family.waiting.size());
  Queue entry(1);
  entry.front() = {waiter,    shared_from_this(), &state_->table, ask.source, {ask.tried.begin(), ask.tried.end()},
                   ask.random};
  family.enqueue(entry, waits_for);
  return {{}, true, {}, choice.server, ahead, waits_for ? waits_for->served : family.served};
}

Answer Pool::acquire_on(ServerIndex server, Now) {
  const std::lock_guard lock(state_->family->mutex);
  Server* const wanted = state_->at(server);
  if (!wanted || !wanted->stands()) return refused(Refusal::no_server_up);
  if (!wanted->has_place()) return refused(Refusal::queue_full);
  wanted->take();
  ++state_->family->total;
  return {Lease(shared_from_this(), server), {}, {}, {}, {}, {}};
}

bool Pool::leave_queue(Waiter* waiter) {
  Queue gone;  // destroyed after the lock: it may hold the last reference to its pool
  const std::lock_guard lock(state_->family->mutex);
  return state_->family->leave(waiter, gone);
}

void Pool::give_back(ServerIndex server) noexcept {
  Queue granted;
  {
    const std::lock_guard lock(state_->family->mutex);
    state_->at(server)->give();
    state_->family->wake(*state_->at(server), granted);
  }
  State::deliver(granted);
}

void Pool::set_up(ServerIndex server, bool up, Now now) {
  state_->change(server, now, [&](Server& s) {
    if (up && !s.up) s.up_since = now;
    return std::exchange(s.up, up) != up;
  });
}

void Pool::set_admin(ServerIndex server, Admin admin, Now now) {
  state_->change(server, now, [&](Server& s) {
    if (s.admin == Admin::maint && admin != Admin::maint && s.up) s.up_since = now;
    if (s.admin == admin) return false;
    s.admin = admin;
    if (s.stands() == s.standing.up) s.standing.turn(now);
    return true;
  });
}

void Pool::set_verdict(ServerIndex server, bool barred, bool quiescing, Now now) {
  state_->change(server, now, [&](Server& s) {
    if (s.barred && !barred && s.up) s.up_since = now;
    const bool other = s.barred != barred || s.quiescing != quiescing;
    s.barred = barred;
    s.quiescing = quiescing;
    return other;
  });
}

void Pool::set_queries(ServerIndex server, std::uint32_t queries, Now fresh_until) {
  const std::lock_guard lock(state_->family->mutex);
  Server* const wanted = state_->at(server);
  if (!wanted) return;
  wanted->queries = queries;
  wanted->total_at_report = wanted->total;
  wanted->fresh_until = fresh_until;
  wanted->tell();
}

void Pool::set_weight(ServerIndex server, std::uint32_t weight, Now now) {
  weight = std::min(weight, 256U);
  state_->change(server, now, [&](Server& s) { return std::exchange(s.weight, weight) != weight; });
}

void Pool::set_maxconn(ServerIndex server, std::uint32_t maxconn, Now now) {
  state_->change(server, now, [&](Server& s) { return std::exchange(s.maxconn, maxconn) != maxconn; });
}

void Pool::set_found(ServerIndex server, bool found, Now now) {
  state_->change(server, now, [&](Server& s) {
    if (found && !s.found && s.up) s.up_since = now;
    return std::exchange(s.found, found) != found;
  });
}

void Pool::set_key(ServerIndex server, const std::string& key) {
  const std::lock_guard lock(state_->family->mutex);
  Server* const wanted = state_->at(server);
  if (!wanted || wanted->key == key) return;
  wanted->key = key;
  for (const Server::Member& member : wanted->members) member.table->roster.rekey(member.index, key);
}

void Pool::clear(bool all) {
  Family& family = *state_->family;
  const std::lock_guard lock(family.mutex);
  family.queue_peak = static_cast<std::uint32_t>(family.entries.size());
  if (all) family.total = family.standing.downs = 0;
  for (const auto& server : state_->table.servers) {
    server->peak = server->current;
    server->queue_peak = static_cast<std::uint32_t>(server->queue.size());
    if (all) server->total = server->total_at_report = server->standing.downs = 0;
  }
}

const PoolConf& Pool::conf() const noexcept { return state_->conf; }

ServerView Pool::State::view(ServerIndex index) const {
  const Server& s = *table.servers[index];
  const Slot& slot = table.roster.slot(index);
  return {s.name,
          s.key,
          s.up && !s.barred,
          s.admin,
          s.weight,
          s.current,
          static_cast<std::uint32_t>(s.queue.size()),
          s.peak,
          s.total,
          s.queue_peak,
          s.maxconn,
          s.maxqueue,
          slot.effective,
          slot.backup,
          s.standing,
          s.up,
          s.quiescing,
          s.found};
}

std::vector<ServerView> Pool::view() const {
  const std::lock_guard lock(state_->family->mutex);
  std::vector<ServerView> views;
  views.reserve(state_->table.servers.size());
  for (std::size_t i = 0; i < state_->table.servers.size(); ++i)
    views.push_back(state_->view(static_cast<ServerIndex>(i)));
  return views;
}

ServerView Pool::view_of(ServerIndex server) const {
  const std::lock_guard lock(state_->family->mutex);
  return server < state_->table.servers.size() ? state_->view(server) : ServerView{};
}

PoolView Pool::whole() const {
  const Family& family = *state_->family;
  const std::lock_guard lock(state_->family->mutex);
  const Roster& roster = state_->table.roster;
  return {roster.usable() - roster.usable_backup(),
          roster.usable_backup(),
          roster.current(),
          static_cast<std::uint32_t>(family.entries.size()),
          family.queue_peak,
          family.total,
          family.standing};
}

std::uint32_t Pool::queued() const {
  const std::lock_guard lock(state_->family->mutex);
  return static_cast<std::uint32_t>(state_->family->entries.size());
}

std::uint64_t Pool::served(ServerIndex queued_on) const {
  const std::lock_guard lock(state_->family->mutex);
  const Server* const server = state_->at(queued_on);
  return server ? server->served : state_->family->served;
}

std::uint32_t Pool::current() const {
  const std::lock_guard lock(state_->family->mutex);
  return state_->table.roster.current();
}

std::uint32_t Pool::current(ServerIndex server) const {
  const std::lock_guard lock(state_->family->mutex);
  const Server* const wanted = state_->at(server);
  return wanted ? wanted->current : 0;
}

Admin Pool::admin(ServerIndex server) const {
  const std::lock_guard lock(state_->family->mutex);
  const Server* const wanted = state_->at(server);
  return wanted ? wanted->admin : Admin::ready;
}

bool Pool::found(ServerIndex server) const {
  const std::lock_guard lock(state_->family->mutex);
  const Server* const wanted = state_->at(server);
  return wanted && wanted->found;
}

std::uint32_t Pool::usable() const {
  const std::lock_guard lock(state_->family->mutex);
  return state_->table.roster.usable();
}

}  // namespace kerbgate::balance
