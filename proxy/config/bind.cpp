#include "config/bind.hpp"

#include "config/address.hpp"

namespace kerbgate::config {
namespace {

constexpr std::size_t kMostBinds = 20'000;  // in a whole configuration: bounds what ranges of ports can ask for

using Use = OptionUse<Bind>;

void set_maxconn(const Use& use) {
  if (const auto n = use.place.number(use.args[0], 0, kMostConnections))
    use.target.maxconn = static_cast<std::uint32_t>(*n);
}
void set_backlog(const Use& use) {
  if (const auto n = use.place.number(use.args[0], 0, kMostConnections)) use.target.backlog = static_cast<int>(*n);
}

constexpr std::string_view kClear =
    "TLS on a listener; it would be served in clear, so the configuration is refused: take 'ssl' away only if that is "
    "meant";

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
    {"ssl", "", State::refused, 0, set_flag<&Bind::ssl, true, Bind>, "TLS towards clients", kClear},
    {"crt", "FILE", State::not_yet, 1, set_text<&Bind::crt, Bind>, "certificate and key; with ssl", ""},
    {"ca-file", "FILE", State::not_yet, 1, set_text<&Bind::ca_file, Bind>, "who signs client certificates; with ssl",
     ""},
    {"verify", "none|optional|required", State::not_yet, 1, set_text<&Bind::verify, Bind>,
     "client certificates; with ssl", ""},
    {"ciphers", "LIST", State::not_yet, 1, set_text<&Bind::ciphers, Bind>, "up to TLS 1.2; with ssl", ""},
    {"ciphersuites", "LIST", State::not_yet, 1, set_text<&Bind::ciphersuites, Bind>, "TLS 1.3; with ssl", ""},
    {"ssl-min-ver", "VERSION", State::not_yet, 1, set_text<&Bind::ssl_min_ver, Bind>, "TLSv1.2, TLSv1.3; with ssl", ""},
    {"ssl-max-ver", "VERSION", State::not_yet, 1, set_text<&Bind::ssl_max_ver, Bind>, "TLSv1.2, TLSv1.3; with ssl", ""},
    {"alpn", "LIST", State::not_yet, 1, set_text<&Bind::alpn, Bind>, "protocols that TLS offers; with ssl", ""},
    {"no-sslv3", "", State::note, 0, nullptr, "SSLv3 does not exist here", ""},
    {"no-tlsv10", "", State::note, 0, nullptr, "TLS 1.0 does not exist here", ""},
    {"no-tlsv11", "", State::note, 0, nullptr, "TLS 1.1 does not exist here", ""},
    {"id", "N", State::note, 1, nullptr, "listeners have names", ""},
    {"process", "SET", State::note, 1, nullptr, "every thread serves every listener", ""},
    {"thread", "SET", State::note, 1, nullptr, "every thread serves every listener", ""},
    {"nice", "N", State::note, 1, nullptr, "no listener goes before another", ""},
};

bool has_tls_words(const Bind& bind) {
  return !(bind.crt + bind.ca_file + bind.verify + bind.ciphers + bind.ciphersuites + bind.ssl_min_ver +
           bind.ssl_max_ver + bind.alpn)
              .empty();
}

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
  if (has_tls_words(bind) && !bind.ssl) owner.warning(address, "certificate and TLS words do nothing without 'ssl'");
  if (!addresses) return;
  if (draft.binds + addresses->size() > kMostBinds)
    return place.alert(address, "more than 20000 addresses to listen on in all: use smaller ranges of ports");
  draft.binds += addresses->size();
  for (const ListenAddress& one : *addresses) {
    bind.host = one.host;
    bind.port = one.port;
    bind.path = one.path;
    bind.inherited_fd = one.inherited_fd;
    bind.ipv6_any = one.ipv6_any;
    draft.proxy->binds.push_back(bind);
  }
}

}  // namespace kerbgate::config
