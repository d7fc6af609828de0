// Who is let in, what a PROXY header says of him, and which backend is his: tcp-request, use_backend, stick.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "net/connection.hpp"
#include "net/socket.hpp"

namespace kerbgate::net {
namespace {

using log::Cause;
using log::Phase;
using rules::Verdict;

/// How many bytes rules wait for at the most; a ClientHello may be that long.
constexpr std::size_t kMostForRules = 80 * 1024;

/// Answers what a condition asks beyond the connection's own bytes and addresses.
class Around final : public rules::Surroundings {
 public:
  Around(const Directory* directory, const rules::Tracked& entry, Now now)
      : directory_(directory), entry_(entry), now_(now) {}

  [[nodiscard]] std::optional<std::uint64_t> tracked(rules::Count what) const override {
    return entry_ ? std::optional(entry_.count(what, now_)) : std::nullopt;
  }
  [[nodiscard]] std::uint64_t counted(rules::Count what, const std::string& table,
                                      const IpAddress& source) const override {
    if (directory_ == nullptr) return 0;
    const auto found = directory_->tables.find(table);
    if (found == directory_->tables.end()) return 0;
    const auto key = found->second->key_of(source);
    return key ? found->second->count(*key, what, now_) : 0;
  }
  [[nodiscard]] std::uint64_t servers_up(const std::string& backend) const override {
    if (directory_ == nullptr) return 0;
    const auto found = directory_->pools.find(backend);
    return found == directory_->pools.end() ? 0 : found->second->usable();
  }

 private:
  const Directory* directory_;
  const rules::Tracked& entry_;
  Now now_;
};

bool any_reads(const std::vector<config::Rule>& list) {
  return std::any_of(list.begin(), list.end(), [](const config::Rule& rule) { return rule.when.reads(); });
}

}  // namespace

login::Ends Connection::both_ends() const {
  if (announced_) return *announced_;
  const SocketAddress here = SocketAddress::local(client_.fd);
  return {from_, here.ip().unmapped(), from_port_, here.port()};
}

rules::Facts Connection::facts() const {
  rules::Facts out;
  out.source = from_;
  out.source_port = from_port_;
  if (announced_) {
    out.destination = announced_->destination.unmapped();
    out.destination_port = announced_->destination_port;
  } else {
    const SocketAddress here = SocketAddress::local(client_.fd);
    out.destination = here.ip().unmapped();
    out.destination_port = here.port();
  }
  if (!setup_) return out;
  using Hello = rules::Facts::Hello;
  using Read = login::ServerName::State;
  out.length = setup_->bytes.size();
  out.complete = setup_->complete;
  out.hello = setup_->hello.state == Read::whole  ? Hello::whole
              : setup_->hello.state == Read::none ? Hello::none
                                                  : Hello::more;
  out.server_name = setup_->hello.name;
  return out;
}

/// For a log line: what a condition would look at now.
std::string Connection::look(const config::LogPiece& piece) const {
  const Around around(frontend().directory.get(), tracked_, loop_.now());
  rules::Facts facts = this->facts();
  facts.around = &around;
  const bool own = piece.rule == rules::Fetch::servers_up && piece.text.empty();
  const std::string& here = backend_ != nullptr ? backend_->conf.name : frontend().conf.name;
  return rules::look(piece.rule, own ? here : piece.text, facts).value_or("");
}

Connection::Ruling Connection::apply(const std::vector<config::Rule>& list, std::size_t& next,
                                     const rules::Facts& facts, Now now) {
  for (; next < list.size(); ++next) {
    const config::Rule& rule = list[next];
    const Verdict verdict = rules::evaluate(rule.when, facts);
    if (verdict == Verdict::more) return Ruling::more;
    if (verdict == Verdict::no) continue;
    switch (rule.action) {
      case config::Rule::Action::accept:
        next = list.size();
        return Ruling::pass;
      case config::Rule::Action::reject:
        return Ruling::reject;
      case config::Rule::Action::expect_proxy:
        expects_header_ = true;
        break;
      case config::Rule::Action::track: {
        const Directory* directory = frontend().directory.get();
        const auto table = directory ? directory->tables.find(rule.table) : decltype(directory->tables.end()){};
        if (tracked_ || directory == nullptr || table == directory->tables.end()) break;
        if (const auto key = table->second->key_of(facts.source)) tracked_ = table->second->track(*key, now);
        break;
      }
    }
  }
  return Ruling::pass;
}

/// Of rules that run before any byte is read: false when one rejects.
bool Connection::passes(const std::vector<config::Rule>& list) {
  if (list.empty()) return true;
  const Around around(frontend().directory.get(), tracked_, loop_.now());
  rules::Facts facts = this->facts();
  facts.complete = facts.waited = true;
  facts.hello = rules::Facts::Hello::none;
  facts.around = &around;
  std::size_t next = 0;
  return apply(list, next, facts, loop_.now()) != Ruling::reject;
}

// As HAProxy: at once and without a line; the counters tell.
void Connection::turn_away(stats::Count& counter) {
  stats::add(counter);
  end();
}

Now Connection::handshake_deadline() const {
  const config::Frontend& conf = frontend().conf;
  return loop_.now() + (conf.handshake_timeout.count() != 0 ? conf.handshake_timeout : conf.login_timeout);
}

void Connection::announcing() {
  state_ = State::announcing;
  wait_until(handshake_deadline());
}

// Looked at before it is taken: what stands behind the header stays in the socket for whoever reads next.
void Connection::read_header() {
  std::vector<std::uint8_t>& seen = setup_->bytes;
  std::uint8_t piece[4096];
  while (client_.ready.readable) {
    const ssize_t got = ::recv(client_.fd, piece, sizeof piece, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      client_.ready.readable = false;
      return;
    }
    if (got == 0 && seen.empty() && frontend().conf.dontlognull) return end();
    if (got == 0) return header_failed("Connection closed while waiting for PROXY protocol header");
    if (got < 0) return header_failed("Connection error while waiting for PROXY protocol header");
    const std::size_t had = seen.size();
    seen.insert(seen.end(), piece, piece + got);
    const login::ProxyHeader header = login::read_proxy_header(seen);
    if (header.state == login::ProxyHeader::State::wrong)
      return header_failed(std::string("Received an invalid PROXY protocol header: ") + header.why);
    const bool whole = header.state == login::ProxyHeader::State::whole;
    const std::size_t take = whole ? header.length - had : std::size_t(got);
    if (::recv(client_.fd, piece, take, MSG_DONTWAIT) != ssize_t(take))
      return header_failed("Connection error while waiting for PROXY protocol header");
    if (!whole) continue;
    if (header.announces) {
      announced_ = std::make_unique<login::Ends>(header.ends);
      from_ = header.ends.source.unmapped();
      from_port_ = header.ends.source_port;
    }
    seen.clear();
    return greet();
  }
}

void Connection::header_failed(const std::string& words) {
  report_early(words);
  end();
}

void Connection::open() {
  const config::Frontend& conf = frontend().conf;
  state_ = State::opening;
  if (!passes(conf.session_rules)) return turn_away(frontend().counts->denied_sessions);
  setup_->opened = loop_.now();
  handshake_ms_ = std::int32_t(std::chrono::duration_cast<Millis>(setup_->opened - accepted_).count());
  if (conf.login_timeout.count() != 0) setup_->login_until = loop_.now() + conf.login_timeout;
  if (!admit()) {
    if (state_ == State::opening && client_.readable()) read_opening();
    return;
  }
  if (frontend().login == config::Login::pass && !conf.tls_passthrough) {
    setup_->opening.next = login::Opening::Next::dial;
    return approach();
  }
  wait_until(setup_->login_until);
  if (client_.readable()) read_opening();
}

// Content rules wait for the bytes that they look at: `inspect-delay` long, or, where there is none, as long as a login
// may take. HAProxy without a delay judges by whatever has come in the first instant.
bool Connection::rules_wait(Millis delay) {
  const Millis limit = delay.count() != 0 ? delay : frontend().conf.login_timeout;
  setup_->rules_until = limit.count() != 0 ? setup_->opened + limit : Now::max();
  wait_until(std::min(setup_->rules_until, setup_->login_until));
  return false;
}

bool Connection::rules_read() const {
  const auto routes_read = std::any_of(frontend().routes.begin(), frontend().routes.end(),
                                       [](const LiveFrontend::Route& route) { return route.when.reads(); });
  return routes_read || any_reads(frontend().conf.content_rules) ||
         (backend_ && any_reads(backend_->conf.content_rules));
}

/// True: all rules are passed and a backend is chosen. False: they wait for bytes, or it is over.
bool Connection::admit() {
  using Stage = Setup::Stage;
  const config::Frontend& conf = frontend().conf;
  Setup& setup = *setup_;
  if (conf.content_rules.empty() && frontend().routes.empty() &&
      (!frontend().backend || frontend().backend->conf.content_rules.empty())) {
    choose_backend(frontend().backend.get());
    return backend_ != nullptr;
  }
  if (setup.bytes.size() >= kMostForRules) setup.complete = true;
  if (!setup.bytes.empty() && rules_read()) setup.hello = login::read_server_name(setup.bytes);
  const Around around(frontend().directory.get(), tracked_, loop_.now());
  rules::Facts facts = this->facts();
  facts.around = &around;
  const Millis back_delay = backend_ ? backend_->conf.inspect_delay : Millis(0);
  facts.waited = setup.complete || (setup.stage == Stage::back_rules ? back_delay : conf.inspect_delay).count() == 0;
  if (setup.stage == Stage::front_rules) {
    const Ruling ruling = apply(conf.content_rules, setup.rule, facts, loop_.now());
    if (ruling == Ruling::more) return rules_wait(conf.inspect_delay);
    if (ruling == Ruling::reject) return finish(Cause::proxy_denied, Phase::request), false;
    setup.stage = Stage::routes;
  }
  if (setup.stage == Stage::routes) {
    LiveBackend* chosen = frontend().backend.get();
    for (const LiveFrontend::Route& route : frontend().routes) {
      const Verdict verdict = rules::evaluate(route.when, facts);
      if (verdict == Verdict::more) return rules_wait(conf.inspect_delay);
      if (verdict == Verdict::no) continue;
      chosen = route.backend.get();
      break;
    }
    choose_backend(chosen);
    if (backend_ == nullptr) return false;
    setup.stage = Stage::back_rules;
    setup.rule = 0;
    facts.waited = setup.complete || backend_->conf.inspect_delay.count() == 0;
  }
  if (setup.stage == Stage::back_rules) {
    const Ruling ruling = apply(backend_->conf.content_rules, setup.rule, facts, loop_.now());
    if (ruling == Ruling::more) return rules_wait(backend_->conf.inspect_delay);
    if (ruling == Ruling::reject) return finish(Cause::proxy_denied, Phase::request), false;
    setup.stage = Stage::done;
  }
  return true;
}

void Connection::choose_backend(LiveBackend* backend) {
  backend_ = backend;
  setup_->stage = Setup::Stage::done;
  if (backend_ == nullptr) finish(Cause::server_abort, Phase::connect);
}

std::optional<std::string> Connection::stick_key(config::StickRule::Key what, const rules::StickTable& table) const {
  switch (what) {
    case config::StickRule::Key::source:
      return table.key_of(from_);
    case config::StickRule::Key::server_name:
      return table.key_of(setup_->hello.name);
    case config::StickRule::Key::principal:
      break;
  }
  return user_ ? table.key_of(user_->principal) : std::nullopt;
}

// The first table that knows the client says where it goes; all that are to remember it are told when it is there.
void Connection::look_for_own_server() {
  if (backend().conf.sticks.empty() || !frontend().directory) return;
  const Around around(frontend().directory.get(), tracked_, loop_.now());
  rules::Facts facts = this->facts();
  facts.complete = facts.waited = true;
  facts.around = &around;
  bool found = false;
  for (const config::StickRule& rule : backend().conf.sticks) {
    const auto table = frontend().directory->tables.find(rule.table);
    if (table == frontend().directory->tables.end() || rules::evaluate(rule.when, facts) != Verdict::yes) continue;
    if (rule.key == config::StickRule::Key::server_name && setup_->hello.state == login::ServerName::State::more)
      setup_->hello = login::read_server_name(setup_->bytes);
    const auto key = stick_key(rule.key, *table->second);
    if (!key) continue;
    if (rule.store) setup_->remembered_by.emplace_back(table->second, *key);
    if (!rule.match || found) continue;
    const std::string name = table->second->server_of(*key, loop_.now());
    const auto& servers = backend().servers;
    const auto server = std::find_if(servers.begin(), servers.end(), [&](const auto& s) { return s.name == name; });
    if (server == servers.end()) continue;
    found = true;
    setup_->approach->prefer(balance::ServerIndex(server - servers.begin()));
  }
}

void Connection::remember_server() {
  for (const auto& [table, key] : setup_->remembered_by)
    table->store(key, backend().servers[last_server_].name, loop_.now());
}

}  // namespace kerbgate::net
