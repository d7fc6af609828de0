#include "rotate/proof.hpp"

#include <algorithm>

#include "kerbgate/kdc.hpp"

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

Proof judge(const kdc::ServiceTicket& ticket, std::span<const HostKeytab> keytabs, const Principal& principal) {
  for (const HostKeytab& keytab : keytabs) {
    for (const keytab::Entry& entry : keytab.entries) {
      if (!(entry.principal == principal) || entry.kvno != ticket.kvno || entry.enctype != ticket.enctype) continue;
      if (kdc::opens(entry, ticket)) return {Proof::Found::same, ticket.kvno, ""};
      return {Proof::Found::other, ticket.kvno,
              "the key of that kvno in the keytab of " + keytab.place + " does not open it"};
    }
  }
  return {Proof::Found::other, ticket.kvno, "no keytab here has that kvno in the ticket's enctype"};
}

Result<kdc::ServiceTicket> ask(const Client& client, const Principal& service, Resolver& resolver) {
  auto session = kdc::Session::open({}, resolver);
  if (!session) return std::move(session).error();
  if (auto logged_in = session->log_in(client.principal, client.keytab); !logged_in)
    return std::move(logged_in).error();
  return session->ticket(service);
}

}  // namespace

Proof prove(std::span<const HostKeytab> keytabs, const Principal& principal, const kadm5::Access* access,
            Resolver& resolver) {
  Proof out;
  out.words = "no keytab here has a host's own key to ask with";
  for (const Client& client : clients(keytabs, principal, access)) {
    const auto ticket = ask(client, principal, resolver);
    if (ticket) return judge(*ticket, keytabs, principal);
    out.words = ticket.error().what;
    // Another client would wait for the same silence.
    if (kdc::is(ticket.error(), kdc::Errc::unreachable) || kdc::is(ticket.error(), kdc::Errc::realm_unknown)) break;
  }
  return out;
}

}  // namespace kerbgate::rotate
