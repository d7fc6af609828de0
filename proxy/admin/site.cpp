#include "admin/site.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <set>

#include "admin/collect.hpp"

namespace kerbgate::admin {
namespace {

/// Steps of the process's history between two of a server's.
constexpr std::uint64_t kServerStep = 6;
/// So many steps of a second come first: a chart begins when the proxy does.
constexpr std::uint64_t kFirstSteps = 5;
constexpr net::Millis kFirstSampling{1'000};

std::uint64_t open_files_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

Section& section_of(std::vector<Section>& sections, const std::string& name, std::uint32_t id) {
  for (Section& section : sections)
    if (section.id == id) return section;
  Section& added = sections.emplace_back();
  added.name = name;
  added.id = id;
  return added;
}

}  // namespace

const Section* Snapshot::section(const std::string& name) const {
  const auto found = std::find_if(sections.begin(), sections.end(), [&](const Section& s) { return s.name == name; });
  return found == sections.end() ? nullptr : &*found;
}

Site::Site(std::vector<net::Loop*> loops, std::shared_ptr<net::Process> process)
    : loops_(std::move(loops)), process_(std::move(process)) {
  home().schedule(*this, home().now() + kFirstSampling);
}

Site::~Site() {
  *alive_ = false;
  home().cancel(*this);
}

void Site::adopt(Generation generation) {
  if (!generation_.frontends.empty() || !generation_.backends.empty()) ++reloads_;
  generation_ = std::move(generation);
}

Snapshot Site::snapshot() const {
  Snapshot out;
  out.taken = std::chrono::system_clock::now();
  out.now = std::chrono::steady_clock::now();
  for (const auto& front : generation_.frontends) {
    Section& section = section_of(out.sections, front->conf.name, front->conf.number);
    section.description = front->conf.description;
    section.front = facts_of(*front, generation_, out.now);
  }
  for (const auto& back : generation_.backends)
    section_of(out.sections, back->conf.name, back->conf.number).back = facts_of(*back, generation_, out.now);
  for (const PageSection& page : generation_.pages) {
    Section& section = section_of(out.sections, page.name, page.number);
    section.description = page.description;
    section.mode = "http";
    section.front = facts_of(page, out.now);
  }
  std::sort(out.sections.begin(), out.sections.end(), [](const Section& a, const Section& b) { return a.id < b.id; });

  const stats::Whole& counts = process_->counts;
  ProcessFacts& process = out.process;
  process.version = KERBGATE_VERSION;
  process.node = generation_.node.empty() ? host_name() : generation_.node;
  process.description = generation_.description;
  process.pid = ::getpid();
  process.threads = int(loops_.size());
  process.started = started_;
  process.uptime = std::chrono::duration_cast<std::chrono::seconds>(out.now - started_at_).count();
  process.current = process_->connections;
  process.most = std::uint32_t(counts.most.value());
  process.limit = process_->maxconn;
  process.hard_limit = process_->most_maxconn;
  process.listeners = std::uint32_t(generation_.doors.size());
  process.total = stats::get(counts.connections);
  process.bytes_in = stats::get(counts.bytes.in);
  process.bytes_out = stats::get(counts.bytes.out);
  std::set<const log::Logger*> loggers;  // sections with the same targets share one
  for (const auto& front : generation_.frontends) loggers.insert(front->logger.get());
  for (const auto& back : generation_.backends) loggers.insert(back->logger.get());
  for (const log::Logger* logger : loggers)
    if (logger != nullptr) process.dropped_logs += logger->dropped();
  process.reloads = reloads_;
  process.open_files = open_files_limit();
  process.rate = {counts.rate.read(out.now), std::uint32_t(counts.rate.peak())};
  process.stopping = stopping_;
  process.history = counts.history.samples();

  out.names = names_;
  out.refusals = counts.refusals.last();
  out.asked = counts.asked.rows();
  out.users = counts.users.rows();
  return out;
}

void Site::each_session(Visit visit, std::function<void()> done) {
  auto left = std::make_shared<std::atomic<std::size_t>>(loops_.size());
  auto shared = std::make_shared<Visit>(std::move(visit));
  for (net::Loop* loop : loops_)
    loop->post([loop, left, shared, done, home = loops_.front(), alive = std::weak_ptr<bool>(alive_)] {
      loop->roll().each([&](net::Listed& one) { (*shared)(*loop, one); });
      if (--*left == 0)
        home->post([done, alive] {
          if (const auto here = alive.lock(); here && *here) done();
        });
    });
}

void Site::look(std::function<void(Snapshot)> done) {
  each_session([](net::Loop&, net::Listed& one) { one.account(); },
               [this, done = std::move(done)] { done(snapshot()); });
}

void Site::on_timer() {
  home().schedule(*this, home().now() + (samples_ < kFirstSteps ? kFirstSampling : kSampling));
  each_session([](net::Loop&, net::Listed& one) { one.account(); }, [this] { sample(); });
}

void Site::sample() {
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  process_->counts.history.take(now, totals_of(*process_));
  for (const auto& front : generation_.frontends) front->counts->history.take(now, totals_of(*front));
  const bool servers_too = samples_++ % kServerStep == 0;
  for (const auto& back : generation_.backends) {
    back->counts->history.take(now, totals_of(*back));
    if (!servers_too) continue;
    const std::vector<stats::Totals> totals = server_totals_of(*back);
    for (std::size_t i = 0; i < totals.size(); ++i) back->servers[i].counts->history.take(now, totals[i]);
  }
}

}  // namespace kerbgate::admin
