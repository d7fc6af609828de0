#include "probe/tickets.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "kerbgate/realm.hpp"
#include "keytab/file.hpp"

namespace kerbgate::probe {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

/// A new key at the KDC is seen within this time.
constexpr seconds kAge{300};
/// A ticket of less than this age is not fetched anew because somebody refuses it.
constexpr seconds kYoung{1};
/// After a failure.
constexpr seconds kRetry{5};

/// Whether the principal is the one that `text` writes, whose realm may be left out.
bool is_written(const Principal& principal, const std::string& text) {
  const auto asked = Principal::parse(text, principal.realm);
  return asked && *asked == principal;
}

std::optional<Principal> in_keytab(const std::vector<keytab::Entry>& entries, const std::string& text) {
  for (const keytab::Entry& entry : entries)
    if (is_written(entry.principal, text)) return entry.principal;
  return std::nullopt;
}

/// The key versions to log in with: the one that worked last, then the newest first. A staged key is in the keytab
/// before the KDC has it.
std::vector<std::uint32_t> versions(const std::vector<keytab::Entry>& entries, const Principal& client,
                                    std::uint32_t first) {
  std::vector<std::uint32_t> out;
  for (const keytab::Entry& entry : entries)
    if (entry.principal == client && std::find(out.begin(), out.end(), entry.kvno) == out.end())
      out.push_back(entry.kvno);
  std::sort(out.rbegin(), out.rend());
  std::stable_partition(out.begin(), out.end(), [first](std::uint32_t kvno) { return kvno == first; });
  return out;
}

/// Another key version may fare better.
bool is_of_the_key(const Error& error) {
  return kdc::is(error, kdc::Errc::key_refused) || kdc::is(error, kdc::Errc::no_key) ||
         kdc::is(error, kdc::Errc::other);
}

std::string explained(const Error& error, const Principal& client) {
  if (!kdc::is(error, kdc::Errc::client_unknown)) return error.what;
  return error.what + "; Active Directory gives tickets to an account's own name alone: name the account that holds " +
         client.printable() + " with 'kerberos check-principal ACCOUNT@REALM keytab FILE'";
}

}  // namespace

std::string Ticket::words() const { return "kvno " + std::to_string(kvno) + " " + enctype; }

bool Ticket::fetch_too(const Principal& other) {
  const std::lock_guard lock(*busy);
  return bool(session.ticket(other));
}

Tickets::Tickets(std::string service, std::string client, std::string keytab, Resolver& resolver)
    : service_(std::move(service)), client_(std::move(client)), keytab_(std::move(keytab)), resolver_(resolver) {}

bool Tickets::valid(const std::shared_ptr<Ticket>& ticket, Now now) const { return ticket && now < ticket->ends; }

bool Tickets::due(Now now, const Ticket* refused) const {
  if (valid(now_, now)) {
    const seconds least = refused != nullptr && refused == now_.get() ? kYoung : kAge;
    if (now - now_->got < least) return false;
  }
  if (now >= next_attempt_) return true;
  struct stat status {};
  return ::stat(keytab_.c_str(), &status) == 0 && state_ != keytab::state_of(status);
}

Tickets::Got Tickets::what_there_is(Now now) {
  if (!valid(now_, now)) now_.reset();
  if (!valid(before_, now)) before_.reset();
  return {now_, before_, trouble_};
}

Tickets::Got Tickets::get(const Ticket* refused) {
  std::unique_lock lock(mutex_);
  while (due(steady_clock::now(), refused)) {
    if (fetching_) {
      if (valid(now_, steady_clock::now()) && refused == nullptr) break;
      done_.wait(lock);
      continue;
    }
    fetching_ = true;
    const std::uint32_t key_first = key_;
    lock.unlock();
    Fetched fetched = fetch(key_first);
    lock.lock();
    fetching_ = false;
    take(std::move(fetched), steady_clock::now());
    done_.notify_all();
    break;
  }
  return what_there_is(steady_clock::now());
}

void Tickets::take(Fetched fetched, Now now) {
  state_ = fetched.state;
  trouble_ = std::move(fetched.trouble);
  if (!fetched.ticket) {
    next_attempt_ = now + kRetry;
    return;
  }
  next_attempt_ = {};
  key_ = fetched.key;
  const bool other_key = now_ && (now_->kvno != fetched.ticket->kvno || now_->enctype != fetched.ticket->enctype);
  if (other_key) before_ = std::move(now_);
  now_ = std::move(fetched.ticket);
}

Tickets::Fetched Tickets::fetch(std::uint32_t key_first) const {
  Fetched out;
  auto scan = keytab::read_regular(keytab_);
  if (!scan) {
    out.trouble = scan.error().what;
    return out;
  }
  out.state = scan->state;
  const auto client = in_keytab(scan->entries, client_);
  if (!client) {
    out.trouble = keytab_ + " holds no key of " + client_ + " to log in with";
    return out;
  }
  auto server = in_keytab(scan->entries, service_);
  if (!server) {
    auto written = Principal::parse(service_, client->realm);
    if (!written) {
      out.trouble = written.error().what;
      return out;
    }
    server = std::move(*written);
  }
  for (const std::uint32_t kvno : versions(scan->entries, *client, key_first)) {
    auto ticket = ask_kdc(*client, *server, scan->entries, kvno);
    if (ticket) {
      out.ticket = std::move(*ticket);
      out.trouble.clear();
      out.key = kvno;
      return out;
    }
    // What the newest key met is told: an older one's failure says less.
    if (out.trouble.empty() || !is_of_the_key(ticket.error())) out.trouble = explained(ticket.error(), *client);
    if (!is_of_the_key(ticket.error())) break;
  }
  return out;
}

Result<std::shared_ptr<Ticket>> Tickets::ask_kdc(const Principal& client, const Principal& server,
                                                 const std::vector<keytab::Entry>& keys, std::uint32_t kvno) const {
  // libkrb5 takes the newest key of the file it is given: it is given one key version alone.
  std::vector<keytab::Entry> chosen;
  for (const keytab::Entry& entry : keys)
    if (entry.principal == client && entry.kvno == kvno) chosen.push_back(entry.copy());
  const auto bytes = keytab::encode(chosen);
  if (!bytes) return bytes.error();
  const auto file = keytab::MemoryFile::holding(bytes->bytes());
  if (!file) return file.error();
  auto session = kdc::Session::open({}, resolver_);
  if (!session) return std::move(session).error();
  const auto before = std::chrono::system_clock::now();
  if (auto logged_in = session->log_in(client, file->path()); !logged_in) {
    Error error = std::move(logged_in).error();
    if (const auto at = error.what.find(file->path()); at != std::string::npos)
      error.what.replace(at, file->path().size(), "kvno " + std::to_string(kvno) + " of " + keytab_);
    return error;
  }
  const auto granted = session->ticket(server);
  if (!granted) return granted.error();
  const seconds offset = session->clock_offset().value_or(seconds(0));
  const bool skewed = std::chrono::abs(offset) > session->allowed_skew();
  const auto now = steady_clock::now();
  const seconds left = seconds(granted->expires - std::chrono::system_clock::to_time_t(before)) - offset;
  return std::make_shared<Ticket>(Ticket{std::move(*session), client, server, granted->kvno,
                                         keytab::enctype_name(granted->enctype), skewed, now, now + left});
}

}  // namespace kerbgate::probe
