#include "login/verification.hpp"

#include <algorithm>
#include <set>

namespace kerbgate::login {
namespace {

using Why = NoLogin::Why;
constexpr std::size_t kMostNamed = 4;

bool is_service(const AcceptorKeys::Slot& slot, const std::string& service) {
  const std::string whole = slot.principal.str();
  return whole.size() > service.size() && whole[service.size()] == '@' && whole.starts_with(service);
}

std::string listed(const std::set<std::string>& names) {
  std::string out;
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (++count > kMostNamed) return out + " and others";
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

/// "kvno 2, 3"
std::string kvnos_of(const Ticket& ticket, const Slots& slots) {
  std::set<std::uint32_t, std::greater<>> numbers;
  for (const AcceptorKeys::Slot& slot : slots)
    if (is_service(slot, ticket.service) && slot.enctype == ticket.enctype) numbers.insert(slot.kvno);
  std::string out;
  std::size_t count = 0;
  for (const std::uint32_t number : numbers)
    if (++count <= kMostNamed) out += (out.empty() ? "kvno " : ", ") + std::to_string(number);
  return out;
}

std::string enctypes_of(const Ticket& ticket, const Slots& slots) {
  std::set<std::string> names;
  for (const AcceptorKeys::Slot& slot : slots)
    if (is_service(slot, ticket.service)) names.insert(enctype_words(slot.enctype));
  return listed(names);
}

Cause cause_of(Why why) {
  switch (why) {
    case Why::no_service:
      return Cause::keytab_no_service;
    case Why::no_enctype:
      return Cause::keytab_no_enctype;
    case Why::no_kvno:
      return Cause::keytab_no_kvno;
    case Why::wrong_key:
      return Cause::keytab_wrong_key;
    case Why::weak_enctype:
      return Cause::enctype_not_permitted;
    case Why::skew:
      return Cause::clock_skew;
    case Why::expired:
      return Cause::ticket_expired;
    case Why::not_yet_valid:
      return Cause::ticket_not_yet_valid;
    case Why::transited:
      return Cause::realm_path;
    case Why::malformed:
    case Why::other:
      break;
  }
  return Cause::unverifiable;
}

}  // namespace

Unverified explain(const NoLogin& no, const Ticket& ticket, const Slots& slots, std::chrono::seconds allowed) {
  const Cause cause = cause_of(no.why);
  const std::string asked = ticket.service + "@" + ticket.realm, enctype = enctype_words(ticket.enctype),
                    kvno = ticket.kvno == 0 ? "a key" : "kvno " + std::to_string(ticket.kvno),
                    kvnos = kvnos_of(ticket, slots), enctypes = enctypes_of(ticket, slots),
                    skew = std::to_string(std::abs(no.skew.count())) + " s",
                    direction = no.skew.count() < 0 ? "behind" : "ahead of",
                    limit = std::to_string(allowed.count()) + " s";
  return {cause, refusal(cause, {{"asked", asked},
                                 {"enctype", enctype},
                                 {"kvno", kvno},
                                 {"kvnos", kvnos},
                                 {"enctypes", enctypes},
                                 {"skew", skew},
                                 {"direction", direction},
                                 {"limit", limit},
                                 {"words", no.words}})};
}

bool seems_stale(const ApReq& request, const Slots& slots) {
  bool known = false;
  for (const AcceptorKeys::Slot& slot : slots) {
    if (slot.principal.components != request.service.components) continue;
    if (slot.enctype == request.enctype && (request.kvno == 0 || slot.kvno == request.kvno)) return false;
    known = true;
  }
  return known;
}

}  // namespace kerbgate::login
