#include "config/keyword.hpp"

namespace kerbgate::config {
namespace {

template <auto Field, bool ZeroAllowed = true>
void set_time(const Statement& line) {
  if (const auto time = line.place.time(line.args[0], ZeroAllowed)) line.settings().*Field = *time;
}
void check_time(const Statement& line) { (void)line.place.time(line.args[0], true); }

template <auto Field>
void set_old_form(const Statement& line) {
  const std::string old_form(line.keyword.name);
  const std::string which = old_form == "contimeout" ? "connect" : old_form == "clitimeout" ? "client" : "server";
  set_time<Field>(line);
  line.place.warning(line.head, "is a dead form; write 'timeout " + which + " " + line.args[0].text + "'");
}

constexpr Keyword kRows[] = {
    {kFront, "timeout client", "TIME", State::working, 1, 1, set_time<&Settings::client_timeout>,
     "longest silence of a client (Impala: 6h to 12h)", ""},
    {kFront, "timeout client-fin", "TIME", State::working, 1, 1, set_time<&Settings::client_fin_timeout>,
     "the same once one side has ended", ""},
    {kFront, "timeout login", "TIME", State::working, 1, 1, set_time<&Settings::login_timeout, false>,
     "for the client's Kerberos login to arrive (30s); kerbgate's own", ""},
    {kBack, "timeout login-answer", "TIME", State::working, 1, 1, set_time<&Settings::login_answer_timeout, false>,
     "for a server to answer the login, then the next one is tried (10s); kerbgate's own", ""},
    {kBack, "timeout connect", "TIME", State::working, 1, 1, set_time<&Settings::connect_timeout>,
     "for a connection to a server", ""},
    {kBack, "timeout server", "TIME", State::working, 1, 1, set_time<&Settings::server_timeout>,
     "longest silence of a server (Impala: 6h to 12h)", ""},
    {kBack, "timeout server-fin", "TIME", State::working, 1, 1, set_time<&Settings::server_fin_timeout>,
     "the same once one side has ended", ""},
    {kBack, "timeout tunnel", "TIME", State::working, 1, 1, set_time<&Settings::tunnel_timeout>,
     "replaces client and server once bytes flow both ways", ""},
    {kBack, "timeout queue", "TIME", State::working, 1, 1, set_time<&Settings::queue_timeout>,
     "longest wait for a free place (timeout connect)", ""},
    {kBack, "timeout check", "TIME", State::working, 1, 1, set_time<&Settings::check_timeout>, "for one check", ""},
    {kFront, "timeout http-request", "TIME", State::working, 1, 1, set_time<&Settings::request_timeout>,
     "for a request to the stats page to arrive (10s)", ""},
    {kFront, "timeout client-hs", "TIME", State::working, 1, 1, set_time<&Settings::handshake_timeout, false>,
     "for a client's PROXY header and TLS handshake, each (timeout login)", ""},
    {kProxy, "timeout tarpit", "TIME", State::note, 1, 1, check_time, "HTTP only", ""},
    {kProxy, "timeout http-keep-alive", "TIME", State::note, 1, 1, check_time, "HTTP only", ""},
    {kBack, "contimeout", "TIME", State::dead, 1, 1, set_old_form<&Settings::connect_timeout>, "timeout connect", ""},
    {kFront, "clitimeout", "TIME", State::dead, 1, 1, set_old_form<&Settings::client_timeout>, "timeout client", ""},
    {kBack, "srvtimeout", "TIME", State::dead, 1, 1, set_old_form<&Settings::server_timeout>, "timeout server", ""},
};

}  // namespace

std::span<const Keyword> timeout_keywords() { return kRows; }

}  // namespace kerbgate::config
