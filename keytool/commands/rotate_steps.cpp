#include <algorithm>
#include <chrono>
#include <functional>
#include <ostream>

#include "commands/rotate_request.hpp"
#include "counted.hpp"
#include "kerbgate/printable.hpp"
#include "rotate/decide.hpp"
#include "rotate/keytab_files.hpp"
#include "rotate/new_keys.hpp"
#include "rotate/proof.hpp"
#include "rotate/span.hpp"

namespace kerbgate::commands {
namespace {

using rotate::HostKeytab;
using rotate::Proof;

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string kvno(std::uint32_t number) { return "kvno " + std::to_string(number); }

std::string enctype_words(const std::vector<keytab::Entry>& keys) {
  std::vector<std::string> names;
  for (const keytab::Entry& key : keys) names.push_back(keytab::enctype_name(key.enctype));
  return rotate::listed(names);
}

/// A line of the answer, seen at once: what was done stays known when the next thing fails.
void say(Environment& environment, const std::string& line) { environment.out << line << std::endl; }

/// "3 keytabs hold"
std::string holding(const RotateRequest& request) {
  return counted(request.keytabs.size(), "keytab") + (request.keytabs.size() == 1 ? " holds" : " hold");
}

/// The KDC, and what it has of the principal.
struct Kdc {
  kadm5::Admin admin;
  kadm5::Record record;
};
Result<Kdc> ask_kdc(const RotateRequest& request) {
  auto admin = kadm5::Admin::connect(*request.access, request.principal.realm);
  if (!admin) return std::move(admin).error();
  auto record = admin->get(request.principal);
  if (!record) return std::move(record).error();
  return Kdc{std::move(*admin), std::move(*record)};
}

/// Changes the target keytabs one by one. What fails is named and does not keep the others from it; a signal ends it
/// between two files.
struct Change {
  std::string done;    ///< "kvno 2 added"
  std::string lacked;  ///< of those that failed: "still lack kvno 2"
  std::function<Result<void>(HostKeytab&)> act;
};
Exit change(RotateRequest& request, const std::vector<std::size_t>& targets, const Change& how,
            Environment& environment) {
  std::vector<std::size_t> failed;
  Exit status = Exit::ok;
  const rotate::StopsHeld held;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    HostKeytab& keytab = request.keytabs[targets[i]];
    if (rotate::StopsHeld::stopped()) {
      failed.insert(failed.end(), targets.begin() + static_cast<std::ptrdiff_t>(i), targets.end());
      complain(environment, "stopped by a signal");
      status = Exit::failed;
      break;
    }
    const auto done = how.act(keytab);
    if (done) {
      say(environment, printable(keytab.place) + ": " + how.done);
      continue;
    }
    complain(environment, printable(keytab.place) + ": " + done.error().what);
    failed.push_back(targets[i]);
    status = Exit::failed;
  }
  if (failed.empty()) return status;
  complain(environment, counted(failed.size(), "keytab") + " of " + std::to_string(request.keytabs.size()) + " " +
                            how.lacked + ": " + rotate::listed(request.keytabs, failed) +
                            "; the others are done. Say the same again when that is put right: it goes on from here");
  environment.err.flush();
  return status;
}

Result<void> refuse_initiators(const RotateRequest& request) {
  for (const HostKeytab& keytab : request.keytabs) {
    const auto flagfiles = rotate::read_flagfiles(keytab);
    if (!flagfiles) return flagfiles.error();
    const auto reason = rotate::initiates(keytab, *flagfiles, request.principal);
    if (!reason) continue;
    const std::string name = request.principal.printable();
    return Error(Errc::conflict, name + " also logs in as a client: " + *reason +
                                     ". kinit -k takes the highest kvno, so with a staged key every such login would "
                                     "fail until the commit. Give the daemon a be_principal of its own, or change the "
                                     "key at the KDC first: kadmin cpw -randkey -keepold " +
                                     name + ", then at once kadmin.local ktadd -norandkey -k KEYTAB " + name);
  }
  return {};
}

void warn_all(const std::vector<std::string>& warnings, Environment& environment) {
  for (const std::string& warning : warnings) complain(environment, "warning: " + warning);
}

/// After a commit, and before a purge: is the KDC's key the one in the keytabs?
Result<void> check_by_ticket(const RotateRequest& request, std::uint32_t wanted, Environment& environment) {
  const Proof proof = rotate::prove(request.keytabs, request.principal, &*request.access, environment.resolver);
  if (proof.found == Proof::Found::none) {
    complain(environment,
             "warning: no ticket could be had to prove that the KDC's key is the keytabs': " + proof.words);
  } else if (proof.kvno != wanted) {
    complain(environment, "warning: a KDC still issues tickets of " + kvno(proof.kvno) +
                              ": a replica that has not got the change yet? Both are in the keytabs");
  } else if (proof.found == Proof::Found::other) {
    return Error(Errc::conflict, "the KDC's " + kvno(wanted) + " is not the keytabs' key (" + proof.words +
                                     "): it was changed by other means, and logins fail now. Export it (kadmin.local: "
                                     "ktadd -norandkey), take the keytabs' " +
                                     kvno(wanted) + " out (keytool write --remove --kvno), merge and push");
  } else {
    say(environment, "a fresh ticket has " + kvno(wanted) + " and opens with the keytabs' key");
  }
  return {};
}

}  // namespace

Result<Exit> rotate_stage(RotateRequest& request, Environment& environment) {
  auto kdc = ask_kdc(request);
  if (!kdc) return std::move(kdc).error();
  auto plan = rotate::decide_stage(request.keytabs, request.principal, kdc->record, request.enctypes);
  if (!plan) return std::move(plan).error();
  if (auto fit = refuse_initiators(request); !fit) return fit.error();
  warn_all(plan->warnings, environment);
  const bool fresh = plan->keys.empty();
  if (fresh) {
    auto keys = rotate::new_keys(request.principal, plan->kvno, plan->enctypes, seconds_now());
    if (!keys) return std::move(keys).error();
    plan->keys = std::move(*keys);
  }
  say(environment, request.principal.printable() + ": the KDC is at " + kvno(kdc->record.kvno) + "; " +
                       (fresh ? "a new key of " : "the staged key of ") + kvno(plan->kvno) + " (" +
                       enctype_words(plan->keys) + ")");
  const std::string added = kvno(plan->kvno) + " added";
  if (request.dry_run) {
    for (const std::size_t i : plan->targets)
      say(environment, printable(request.keytabs[i].path) + ": " + kvno(plan->kvno) + " would be added");
    say(environment, "dry run: nothing was changed");
    return Exit::ok;
  }
  const auto act = [&](HostKeytab& keytab) { return rotate::add_keys(keytab, plan->keys); };
  const Exit status = change(request, plan->targets, {added, "still without " + kvno(plan->kvno), act}, environment);
  if (status != Exit::ok) return status;
  say(environment,
      holding(request) + ' ' + kvno(plan->kvno) + "; the KDC is untouched and issues " + kvno(kdc->record.kvno));
  say(environment, "next: bring them to their hosts; when every host has its own, keytool rotate commit");
  return status;
}

Result<Exit> rotate_commit(RotateRequest& request, Environment& environment) {
  auto kdc = ask_kdc(request);
  if (!kdc) return std::move(kdc).error();
  const auto plan = rotate::decide_commit(request.keytabs, request.principal, kdc->record);
  if (!plan) return plan.error();
  const std::string name = request.principal.printable();
  if (plan->done) {
    if (auto same = check_by_ticket(request, plan->kvno, environment); !same) return same.error();
    say(environment, name + ": the KDC is at " + kvno(plan->kvno) + " already, as the keytabs; nothing to do");
    return Exit::ok;
  }
  say(environment,
      name + ": " + holding(request) + " the same " + kvno(plan->kvno) + " (" + enctype_words(plan->keys) + ")");
  if (request.dry_run) {
    say(environment, "dry run: the KDC would go from " + kvno(kdc->record.kvno) + " to " + kvno(plan->kvno));
    return Exit::ok;
  }
  say(environment,
      "the hosts are not looked at: one whose keytab lacks " + kvno(plan->kvno) + " refuses every login from now on");
  if (auto set = kdc->admin.add_keys(request.principal, plan->keys); !set) return set.error();
  const auto after = kdc->admin.get(request.principal);
  if (!after) return Error(after.error().code, "the key was set; reading it back: " + after.error().what);
  if (after->kvno != plan->kvno) {
    return Error(Errc::conflict, "the key was set, but the KDC is at " + kvno(after->kvno) + " now and not at " +
                                     kvno(plan->kvno) + ": somebody else changes it; see rotate status");
  }
  const bool kept = std::ranges::any_of(after->keys, [&](const auto& key) { return key.kvno == kdc->record.kvno; });
  say(environment, "the KDC is at " + kvno(plan->kvno) +
                       (kept ? " and keeps " + kvno(kdc->record.kvno)
                             : "; it has not kept " + kvno(kdc->record.kvno) + ", the keytabs have"));
  if (auto same = check_by_ticket(request, plan->kvno, environment); !same) return same.error();
  say(environment, "next: keytool rotate purge, when the tickets of " + kvno(kdc->record.kvno) + " have ended");
  return Exit::ok;
}

namespace {

Result<rotate::Patience> patience(RotateRequest& request, Kdc& kdc, Environment& environment) {
  rotate::Patience out{seconds_now(), std::chrono::seconds(0), !request.now};
  if (request.now) return out;
  const Principal granting{{"krbtgt", request.principal.realm}, request.principal.realm, 2};
  std::optional<std::chrono::seconds> granted;
  if (const auto record = kdc.admin.get(granting)) {
    granted = record->max_life;
  } else {
    complain(environment, "warning: the life of ticket-granting tickets is not known: " + record.error().what);
  }
  const auto longest = rotate::longest_life(kdc.record.max_life, granted, request.ticket_life);
  if (!longest)
    return Error(Errc::invalid, "the KDC sets no limit to the life of its tickets: say it with --ticket-life T");
  out.ticket_life = *longest;
  return out;
}

std::string words_of(const rotate::Purge& plan) { return "keys older than " + kvno(plan.keep); }

}  // namespace

Result<Exit> rotate_purge(RotateRequest& request, Environment& environment) {
  auto kdc = ask_kdc(request);
  if (!kdc) return std::move(kdc).error();
  const auto wait = patience(request, *kdc, environment);
  if (!wait) return wait.error();
  const auto plan = rotate::decide_purge(request.keytabs, request.principal, kdc->record, *wait);
  if (!plan) return plan.error();
  const std::string name = request.principal.printable();
  if (plan->nothing()) {
    say(environment, name + ": " + kvno(plan->keep) + " is the only one, at the KDC and in the keytabs; nothing to do");
    return Exit::ok;
  }
  if (auto same = check_by_ticket(request, plan->keep, environment); !same) return same.error();
  if (request.dry_run) {
    if (plan->at_kdc) say(environment, "the KDC: " + words_of(*plan) + " would be dropped");
    for (const std::size_t i : plan->targets)
      say(environment, printable(request.keytabs[i].path) + ": " + words_of(*plan) + " would be dropped");
    say(environment, "dry run: nothing was changed");
    return Exit::ok;
  }
  // The KDC first: a right that is lacking shows before a keytab is touched, and a keytab with a key too many refuses
  // nobody.
  if (plan->at_kdc) {
    if (auto purged = kdc->admin.purge(request.principal, plan->keep); !purged) return purged.error();
    say(environment, "the KDC: " + words_of(*plan) + " dropped");
  }
  const auto act = [&](HostKeytab& keytab) { return rotate::drop_older(keytab, request.principal, plan->keep); };
  const Exit status =
      change(request, plan->targets, {words_of(*plan) + " dropped", "still with " + words_of(*plan), act}, environment);
  if (status == Exit::ok)
    say(environment, "next: bring the keytabs to their hosts; " + kvno(plan->keep) + " is the only one in them");
  return status;
}

}  // namespace kerbgate::commands
