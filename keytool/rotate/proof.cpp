#include "rotate/proof.hpp"

#include <algorithm>

#include "krb5/service_ticket.hpp"

namespace kerbgate::rotate {
namespace {

/// A host whose own key is stale does not keep the others from being asked, nor are a thousand asked.
constexpr std::size_t kTries = 3;

struct Client {
  Principal principal;
  std::string keytab;
};

std::vector<Client> clients(std::span<const HostKeytab> keytabs, const Principal& service,
                            const kadm5::Access* access) {
  std::vector<Client> out;
  for (const HostKeytab& keytab : keytabs) {
    const auto own = std::ranges::find_if(keytab.entries, [&](const keytab::Entry& entry) {
      return entry.principal.realm == service.realm && !(entry.principal == service);
    });
    if (own != keytab.entries.end()) out.push_back({own->principal, keytab.path});
    if (out.size() == kTries) break;
  }
  if (access != nullptr && access->way == kadm5::Access::Way::keytab) {
    if (auto admin = Principal::parse(access->principal, service.realm)) out.push_back({*admin, access->keytab});
  }
  return out;
}

Proof judge(const ServiceTicket& first, std::span<const HostKeytab> keytabs, const Principal& principal,
            const Client& client) {
  if (first.opened) return {Proof::Found::same, first.kvno, ""};
  // The keytab it was held against may be a stale one.
  const auto holder = std::ranges::find_if(keytabs, [&](const HostKeytab& keytab) {
    const auto held = kvnos(keytab, principal);
    return std::ranges::find(held, first.kvno) != held.end();
  });
  if (holder == keytabs.end()) return {Proof::Found::other, first.kvno, "no keytab here has that kvno"};
  const auto again = ask_for_ticket(client.principal, client.keytab, principal, holder->path);
  if (!again) return {Proof::Found::none, 0, again.error().what};
  return {again->opened ? Proof::Found::same : Proof::Found::other, again->kvno, again->why_not};
}

}  // namespace

Proof prove(std::span<const HostKeytab> keytabs, const Principal& principal, const kadm5::Access* access) {
  Proof out;
  out.words = "no keytab here has a host's own key to ask with";
  for (const Client& client : clients(keytabs, principal, access)) {
    auto ticket = ask_for_ticket(client.principal, client.keytab, principal, keytabs.front().path);
    if (!ticket) {
      out.words = ticket.error().what;
      continue;
    }
    return judge(*ticket, keytabs, principal, client);
  }
  return out;
}

}  // namespace kerbgate::rotate
