#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "commands/keytab_text.hpp"
#include "commands/output.hpp"
#include "commands/rotate_request.hpp"
#include "counted.hpp"
#include "kerbgate/printable.hpp"
#include "rotate/proof.hpp"
#include "rotate/standing.hpp"

namespace kerbgate::commands {
namespace {

namespace json = boost::json;

/// What the KDC showed, and what it did not.
struct Seen {
  rotate::KdcView view;
  std::optional<kadm5::Record> record;
  std::optional<rotate::Proof> proof;
  std::vector<std::string> unseen;
};

void ask_kadmind(const RotateRequest& request, Seen& seen) {
  if (!request.access) {
    seen.unseen.emplace_back("older keys at the KDC: that needs --kadmin-keytab, --ccache or --local");
    return;
  }
  auto admin = kadm5::Admin::connect(*request.access, request.principal.realm);
  auto record = admin ? admin->get(request.principal) : Result<kadm5::Record>(admin.error());
  if (!record) {
    seen.unseen.push_back("the KDC's record: " + record.error().what);
    return;
  }
  seen.view.kvno = record->kvno;
  for (const kadm5::KeyKind& key : record->keys) {
    if (std::ranges::find(seen.view.kvnos, key.kvno) == seen.view.kvnos.end()) seen.view.kvnos.push_back(key.kvno);
  }
  std::ranges::sort(seen.view.kvnos);
  seen.record = std::move(*record);
}

Seen look(const RotateRequest& request, Resolver& resolver) {
  Seen seen;
  ask_kadmind(request, seen);
  seen.proof = rotate::prove(request.keytabs, request.principal, request.access ? &*request.access : nullptr, resolver);
  if (seen.proof->found == rotate::Proof::Found::none) {
    seen.unseen.push_back("a ticket of the KDC: " + seen.proof->words);
  } else if (!seen.view.kvno) {
    seen.view.kvno = seen.proof->kvno;
  }
  return seen;
}

/// Keytabs hold that kvno, and it is not the KDC's key.
bool other_key(const Seen& seen, const rotate::Standing& now) {
  if (!seen.proof || seen.proof->found != rotate::Proof::Found::other) return false;
  return std::ranges::any_of(now.hosts, [&](const rotate::HostStanding& host) {
    return std::ranges::find(host.kvnos, seen.proof->kvno) != host.kvnos.end();
  });
}

std::string kvno_list(const std::vector<std::uint32_t>& kvnos) {
  std::string out;
  for (const std::uint32_t number : kvnos) out += (out.empty() ? "" : " ") + std::to_string(number);
  return out;
}

std::string kdc_words(const Seen& seen) {
  if (!seen.view.kvno) return "not seen";
  std::string out = "kvno " + std::to_string(*seen.view.kvno);
  if (seen.view.kvnos.size() > 1) out += " (holds " + kvno_list(seen.view.kvnos) + ")";
  if (seen.record && seen.record->key_changed > 0)
    out += " since " + iso_time(static_cast<std::uint32_t>(seen.record->key_changed));
  if (seen.proof && seen.proof->found != rotate::Proof::Found::none) {
    out += "; a fresh ticket has kvno " + std::to_string(seen.proof->kvno) +
           (seen.proof->found == rotate::Proof::Found::same ? " and opens with the keytabs' key"
                                                            : " and does not open: " + seen.proof->words);
  }
  return out;
}

void print_text(const RotateRequest& request, const Seen& seen, const rotate::Standing& now, Environment& environment) {
  TextTable table({{"keytab of"}, {"kvnos"}, {"state"}});
  for (std::size_t i = 0; i < now.hosts.size(); ++i) {
    const rotate::HostStanding& host = now.hosts[i];
    table.add({printable(request.keytabs[i].place), kvno_list(host.kvnos), host.words});
  }
  std::ostream& out = environment.out;
  out << request.principal.printable() << '\n';
  table.print(out);
  if (request.others > 0) out << counted(request.others, "keytab") << " more without the principal\n";
  out << "KDC: " << kdc_words(seen) << '\n';
  const auto paint = now.phase == rotate::Phase::broken ? Paint::red : Paint::bold;
  out << "state: " << painted(environment, paint, rotate::phase_word(now.phase)) << '\n';
  for (const std::string& difference : now.differences) out << "  " << printable(difference) << '\n';
  out << "next: " << now.next << '\n';
}

json::object as_json(const RotateRequest& request, const Seen& seen, const rotate::Standing& now) {
  json::array hosts;
  for (std::size_t i = 0; i < now.hosts.size(); ++i) {
    const rotate::HostStanding& host = now.hosts[i];
    hosts.push_back({{"place", printable(request.keytabs[i].place)},
                     {"file", printable(request.keytabs[i].path)},
                     {"kvnos", json::array(host.kvnos.begin(), host.kvnos.end())},
                     {"state", host.words},
                     {"wrong", host.wrong}});
  }
  json::object kdc{{"kvno", nullptr}, {"kvnos", nullptr}, {"key_changed", nullptr}, {"ticket_opens", nullptr}};
  if (seen.view.kvno) kdc["kvno"] = *seen.view.kvno;
  if (!seen.view.kvnos.empty()) kdc["kvnos"] = json::array(seen.view.kvnos.begin(), seen.view.kvnos.end());
  if (seen.record) kdc["key_changed"] = iso_time(static_cast<std::uint32_t>(seen.record->key_changed));
  if (seen.proof && seen.proof->found != rotate::Proof::Found::none)
    kdc["ticket_opens"] = seen.proof->found == rotate::Proof::Found::same;
  return {{"principal", request.principal.printable()},
          {"state", rotate::phase_word(now.phase)},
          {"next", now.next},
          {"kdc", std::move(kdc)},
          {"keytabs", std::move(hosts)},
          {"keytabs_without", request.others},
          {"differences", json::array(now.differences.begin(), now.differences.end())},
          {"unseen", json::array(seen.unseen.begin(), seen.unseen.end())}};
}

}  // namespace

Result<Exit> rotate_status(RotateRequest& request, Environment& environment) {
  const Seen seen = look(request, environment.resolver);
  rotate::Standing now = rotate::standing(request.keytabs, request.principal, seen.view);
  if (other_key(seen, now)) {
    now.phase = rotate::Phase::broken;
    now.differences.push_back("kvno " + std::to_string(seen.proof->kvno) + ": the KDC's key is not the keytabs'");
    now.next = "bring the KDC's key to the hosts: kadmin.local ktadd -norandkey, keytool merge --prefer last, push";
  }
  if (request.json) {
    print_json(environment.out, as_json(request, seen, now));
  } else {
    print_text(request, seen, now, environment);
    for (const std::string& what : seen.unseen) complain(environment, "not seen: " + what);
  }
  if (now.phase == rotate::Phase::broken) return Exit::check_failed;
  return seen.view.kvno ? Exit::ok : Exit::failed;
}

}  // namespace kerbgate::commands
