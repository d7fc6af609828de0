#include "keeper/backends_client.hpp"

#include <sys/eventfd.h>

#include <atomic>
#include <mutex>
#include <system_error>
#include <thread>

#include "keeper/lookup.hpp"
#include "probe/backends_look.hpp"

namespace kerbgate::keeper {
namespace {

using End = probe::BackendsLook::End;

std::atomic<int> asking{0};

resolve::Verdict verdict_of(End end) {
  return end == End::silent    ? resolve::Verdict::timeout
         : end == End::refused ? resolve::Verdict::refused
                               : resolve::Verdict::other;
}

/// Where the list has no address of a host, the system is asked for it.
std::vector<resolve::Candidate> candidates_of(const std::vector<probe::Coordinator>& list,
                                              std::chrono::milliseconds limit, Resolver& resolver) {
  std::vector<std::string> names;
  for (const probe::Coordinator& one : list)
    if (!one.address) names.push_back(one.host);
  const Resolved found = names.empty() ? Resolved{} : resolve_all(names, resolver, limit);
  std::vector<resolve::Candidate> out;
  for (const probe::Coordinator& one : list) {
    resolve::Candidate candidate;
    if (!IpAddress::parse(one.host)) candidate.host = one.host;
    candidate.addresses = one.address ? std::vector{*one.address} : found.addresses.at(one.host);
    candidate.quiescing = one.quiescing;
    out.push_back(std::move(candidate));
  }
  return out;
}

}  // namespace

struct BackendsClient::Outcome {
  struct Asked {
    std::size_t page = 0;
    End end = End::failed;
    std::string words;
  };
  std::vector<Asked> asked;
  resolve::Answer answer;
};

struct BackendsClient::Shared {
  net::Fd wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::mutex mutex;
  std::optional<Outcome> outcome;

  void run(const std::string& section, const std::vector<config::BackendsPage>& pages, std::size_t first,
           std::chrono::milliseconds limit, Resolver& resolver);
};

void BackendsClient::Shared::run(const std::string& section, const std::vector<config::BackendsPage>& pages,
                                 std::size_t first, std::chrono::milliseconds limit, Resolver& resolver) {
  Outcome out;
  out.answer.gone = "not a coordinator any more";
  for (std::size_t n = 0; n < pages.size() && out.answer.verdict != resolve::Verdict::valid; ++n) {
    const std::size_t page = (first + n) % pages.size();
    const probe::BackendsLook look = probe::look_at_backends(pages[page], limit, resolver);
    out.asked.push_back({page, look.end, look.words});
    out.answer.by = section + '/' + pages[page].id;
    if (look.end == End::listed) {
      out.answer.verdict = resolve::Verdict::valid;
      out.answer.found = candidates_of(look.coordinators, limit, resolver);
      out.answer.trouble.clear();
    } else {
      out.answer.verdict = verdict_of(look.end);
      out.answer.trouble += (out.answer.trouble.empty() ? "" : "; ") + pages[page].id + ": " + look.words;
    }
  }
  const std::lock_guard lock(mutex);
  outcome = std::move(out);
  (void)!::eventfd_write(wake.get(), 1);
}

BackendsClient::BackendsClient(const config::Resolvers& section, Resolver& resolver)
    : name_(section.name),
      pages_(section.impala),
      limit_(section.retry),
      resolver_(resolver),
      shared_(std::make_shared<Shared>()) {
  for (const config::BackendsPage& page : pages_) counts_.push_back({name_, page.id, {}, {}});
}

bool BackendsClient::any_asking() noexcept { return asking != 0; }

void BackendsClient::ask(Done done) {
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) return;
  const auto work = [shared = shared_, name = name_, pages = pages_, first = first_, limit = limit_,
                     resolver = &resolver_] {
    shared->run(name, pages, first, limit, *resolver);
    --asking;
  };
  ++asking;
  try {
    std::thread(work).detach();
  } catch (const std::system_error& error) {
    --asking;
    const std::lock_guard lock(shared_->mutex);
    shared_->outcome = Outcome{};
    shared_->outcome->answer.trouble = std::string("no thread to ask on: ") + error.what();
    (void)!::eventfd_write(shared_->wake.get(), 1);
  }
}

void BackendsClient::watch(std::vector<pollfd>& sockets) const { sockets.push_back({shared_->wake.get(), POLLIN, 0}); }

void BackendsClient::process() {
  std::optional<Outcome> outcome;
  {
    const std::lock_guard lock(shared_->mutex);
    eventfd_t ignored = 0;
    (void)!::eventfd_read(shared_->wake.get(), &ignored);
    outcome.swap(shared_->outcome);
  }
  if (!outcome) return;
  take(*outcome);
  for (const Done& done : std::exchange(waiting_, {})) done(outcome->answer);
}

void BackendsClient::take(const Outcome& outcome) {
  for (const Outcome::Asked& asked : outcome.asked) {
    stats::NameserverCounts& counts = counts_[asked.page].counts;
    ++counts.sent;
    ++(asked.end == End::listed    ? counts.valid
       : asked.end == End::silent  ? counts.timeout
       : asked.end == End::refused ? counts.refused
                                   : counts.invalid);
    counts_[asked.page].answer = asked.words;
    if (asked.end == End::listed) first_ = asked.page;
  }
  const std::string& trouble = outcome.answer.trouble;
  if (trouble == trouble_) return;
  if (!trouble.empty())
    notices_.push_back({log::Priority::warning, "resolvers " + name_ +
                                                    ": nobody lists the coordinators, those that "
                                                    "are known stay as long as 'hold' says: " +
                                                    log::printable(trouble, 1000)});
  else
    notices_.push_back({log::Priority::notice, "resolvers " + name_ + ": " + outcome.answer.by + " lists " +
                                                   outcome.asked.back().words + " again"});
  trouble_ = trouble;
}

std::vector<stats::Nameserver> BackendsClient::counts() const { return counts_; }

void BackendsClient::note_update(const std::string& by) {
  for (stats::Nameserver& page : counts_)
    if (by == page.section + '/' + page.id) ++page.counts.update;
}

std::vector<Notice> BackendsClient::take_notices() { return std::exchange(notices_, {}); }

}  // namespace kerbgate::keeper
