#include "config/bind.hpp"

#include "config/address.hpp"
#include "config/tls.hpp"

namespace kerbgate::config {
namespace {

constexpr std::size_t kMostBinds = 20'000;  // in a whole configuration: bounds what ranges of ports can ask for

using Use = OptionUse<Bind>;

void set_maxconn(const Use& use) {
  if (const auto n = use.place.number(use.args[0], 0, kMostConnections))
    use.target.maxconn = static_cast<std::uint32_t>(*n);
}
void set_strict_sni(const Use& use) { use.target.tls.strict_sni = true; }
void set_backlog(const Use& use) {
  if (const auto n = use.place.number(use.args[0], 0, kMostConnections)) use.target.backlog = static_cast<int>(*n);
}

constexpr Option<Bind> kOptions[] = {
    {"name", "NAME", State::working, 1, set_text<&Bind::name, Bind>, "the listener's name in statistics", ""},
    {"backlog", "N", State::working, 1, set_backlog, "connections that the kernel keeps until they are accepted", ""},
    {"maxconn", "N", State::working, 1, set_maxconn, "connections at once through this address; 0: no limit of its own",
     ""},
    {"interface", "NAME", State::working, 1, set_text<&Bind::interface, Bind>, "listen on this network interface only",
     ""},
    {"transparent", "", State::working, 0, set_flag<&Bind::transparent, true, Bind>,
     "may bind an address that is not on this host yet (a VIP)", ""},
    {"defer-accept", "", State::working, 0, set_flag<&Bind::defer_accept, true, Bind>,
     "wake only for connections that have sent something", ""},
    {"v4v6", "", State::working, 0, set_flag<&Bind::v4v6, true, Bind>, "one socket for IPv6 and IPv4", ""},
    {"v6only", "", State::working, 0, set_flag<&Bind::v6only, true, Bind>, "IPv6 only", ""},
    {"accept-proxy", "", State::working, 0, set_flag<&Bind::accept_proxy, true, Bind>,
     "every client begins with a PROXY header that says who it is", ""},
    {"ssl", "", State::working, 0, tls_on<Bind>, "TLS towards clients", ""},
    {"crt", "FILE|DIR", State::working, 1, add_crt<Bind>,
     "certificate, chain and key in one PEM file, or a folder of such; may repeat; SNI chooses, the first is the "
     "default",
     ""},
    {"ca-file", "FILE", State::working, 1, set_tls<&Tls::ca_file, Bind>, "who signs client certificates; @system-ca",
     ""},
    {"crl-file", "FILE", State::working, 1, set_tls<&Tls::crl_file, Bind>, "revoked client certificates", ""},
    {"verify", "none|optional|required", State::working, 1, set_verify<Bind>, "client certificates (none)", ""},
    {"ciphers", "LIST", State::working, 1, set_tls<&Tls::ciphers, Bind>, "up to TLS 1.2", ""},
    {"ciphersuites", "LIST", State::working, 1, set_tls<&Tls::ciphersuites, Bind>, "TLS 1.3", ""},
    {"ssl-min-ver", "VERSION", State::working, 1, set_version<&Tls::least, Bind>,
     "TLSv1.0, TLSv1.1, TLSv1.2 (default), TLSv1.3", ""},
    {"ssl-max-ver", "VERSION", State::working, 1, set_version<&Tls::most, Bind>, "likewise; none by default", ""},
    {"alpn", "LIST", State::working, 1, set_alpn<Bind>, "protocols that TLS takes, with commas between", ""},
    {"strict-sni", "", State::working, 0, set_strict_sni, "refuse names that no certificate has", ""},
    {"no-tls-tickets", "", State::working, 0, set_flag_of<&Tls::tickets, false, Bind>, "no session tickets", ""},
    {"prefer-client-ciphers", "", State::working, 0, set_flag_of<&Tls::prefer_client, true, Bind>,
     "the client's order of ciphers", ""},
    {"no-sslv3", "", State::note, 0, nullptr, "SSLv3 does not exist here", ""},
    {"no-tlsv10", "", State::note, 0, nullptr, "TLS 1.0 is off unless ssl-min-ver asks for it", ""},
    {"no-tlsv11", "", State::note, 0, nullptr, "TLS 1.1 is off unless ssl-min-ver asks for it", ""},
    {"no-tlsv12", "", State::working, 0, raise_least<Bind>, "TLS 1.3 alone", ""},
    {"no-tlsv13", "", State::working, 0, lower_most<Bind>, "TLS 1.2 at most", ""},
    {"id", "N", State::note, 1, nullptr, "listeners have names", ""},
    {"process", "SET", State::note, 1, nullptr, "every thread serves every listener", ""},
    {"thread", "SET", State::note, 1, nullptr, "every thread serves every listener", ""},
    {"nice", "N", State::note, 1, nullptr, "no listener goes before another", ""},
};

}  // namespace

std::span<const Option<Bind>> bind_options() { return kOptions; }

void add_binds(Draft& draft, const Place& place, const Word& address, std::span<const Word> options) {
  const auto addresses = parse_listen(address.text);
  if (!addresses) place.alert(address, addresses.error().what);
  Bind bind;
  bind.at = place.at(address);
  const Place owner{place.report, place.line,
                    "'bind " + address.text.substr(0, 60) + "' in section '" + section_word(draft.section) + "'"};
  apply_options(bind, bind_options(), owner, options);
  if (bind.tls != Tls{} && !bind.tls.on) owner.warning(address, "certificate and TLS words do nothing without 'ssl'");
  if (!addresses) return;
  if (draft.binds + addresses->size() > kMostBinds)
    return place.alert(address, "more than 20000 addresses to listen on in all: use smaller ranges of ports");
  draft.binds += addresses->size();
  for (const ListenAddress& one : *addresses) {
    bind.host = one.host;
    bind.port = one.port;
    bind.path = one.path;
    bind.inherited_fd = one.inherited_fd;
    bind.inherited_name = one.inherited_name;
    bind.ipv6_any = one.ipv6_any;
    draft.proxy->binds.push_back(bind);
  }
}

}  // namespace kerbgate::config
