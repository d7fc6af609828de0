#include "config/keyword.hpp"

namespace kerbgate::config {
namespace {

template <auto Field>
void set_flag(const Statement& line) {
  line.settings().*Field = !line.negated;
}
template <auto Field>
void set_keepalive(const Statement& line) {
  (line.settings().*Field).on = !line.negated;
}
void set_keepalives(const Statement& line) {
  set_keepalive<&Settings::client_keepalive>(line);
  set_keepalive<&Settings::server_keepalive>(line);
}
/// As HAProxy, the later line wins: this one, or log-format.
void set_tcplog(const Statement& line) {
  line.settings().tcplog = !line.negated;
  if (!line.negated) line.settings().log_format.reset();
}
void set_httplog(const Statement& line) {
  if (!line.negated) set_tcplog(line);
}

constexpr std::string_view kHttp = "HTTP only";

constexpr Keyword kRows[] = {
    {kProxy, "option tcplog", "", State::working, 0, 0, set_tcplog, "one full line for each connection", ""},
    {kFront, "option dontlognull", "", State::working, 0, 0, set_flag<&Settings::dontlognull>,
     "no line for connections that sent nothing", ""},
    {kFront, "option dontlog-normal", "", State::working, 0, 0, set_flag<&Settings::dontlog_normal>,
     "no line for connections that ended well", ""},
    {kBack, "option redispatch", "[N]", State::working, 0, 1, set_flag<&Settings::redispatch>,
     "a retry may go to another server", ""},
    {kBack, "option log-health-checks", "", State::working, 0, 0, set_flag<&Settings::log_health_checks>,
     "a line for each change in a check's result", ""},
    {kFront, "option socket-stats", "", State::working, 0, 0, set_flag<&Settings::socket_stats>,
     "a row of statistics for each bind line", ""},
    {kProxy, "option tcpka", "", State::working, 0, 0, set_keepalives,
     "TCP keepalive on both sides; on unless 'no' takes it off", ""},
    {kFront, "option clitcpka", "", State::working, 0, 0, set_keepalive<&Settings::client_keepalive>,
     "TCP keepalive towards clients; on unless 'no' takes it off", ""},
    {kBack, "option srvtcpka", "", State::working, 0, 0, set_keepalive<&Settings::server_keepalive>,
     "TCP keepalive towards servers; on unless 'no' takes it off", ""},
    {kFront, "option logasap", "", State::working, 0, 0, set_flag<&Settings::logasap>,
     "log once a server has been reached, not at the end", ""},
    {kFront, "option log-separate-errors", "", State::working, 0, 0, set_flag<&Settings::log_separate_errors>,
     "level err instead of info for what went wrong", ""},
    {kProxy, "option httplog", "[clf]", State::note, 0, 1, set_httplog, "HTTP only; lines are those of tcplog", ""},
    {kProxy, "option forwardfor", "[except NET] [header NAME] [if-none]", State::note, 0, -1,
     set_flag<&Settings::forwardfor>, kHttp, ""},
    {kProxy, "option splice-auto", "", State::note, 0, 0, nullptr, "splicing is chosen by itself", ""},
    {kProxy, "option splice-request", "", State::note, 0, 0, nullptr, "splicing is chosen by itself", ""},
    {kProxy, "option splice-response", "", State::note, 0, 0, nullptr, "splicing is chosen by itself", ""},
    {kProxy, "option contstats", "", State::note, 0, 0, nullptr, "counters are always current", ""},
    {kProxy, "option nolinger", "", State::note, 0, 0, nullptr, "a reset is passed on after what came before it", ""},
    {kProxy, "option tcp-smart-accept", "", State::note, 0, 0, nullptr, "it is so", ""},
    {kProxy, "option tcp-smart-connect", "", State::note, 0, 0, nullptr, "it is so", ""},
    {kProxy, "option abortonclose", "", State::note, 0, 0, nullptr, "a client that left the queue is not served", ""},
    {kProxy, "option allbackups", "", State::note, 0, 0, nullptr, "the first usable backup takes the load", ""},
    {kProxy, "option persist", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option prefer-last-server", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option independent-streams", "", State::note, 0, 0, nullptr, "each direction has its own timeout", ""},
    {kProxy, "option http-server-close", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option http-keep-alive", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option httpclose", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option forceclose", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option http-tunnel", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option http-pretend-keepalive", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option http-buffer-request", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option http-ignore-probes", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option http-no-delay", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option http-use-htx", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option http-use-proxy-header", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option originalto", "[except NET] [header NAME]", State::note, 0, -1, nullptr, kHttp, ""},
    {kProxy, "option checkcache", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option accept-invalid-http-request", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option accept-invalid-http-response", "", State::note, 0, 0, nullptr, kHttp, ""},
    {kProxy, "option idle-close-on-response", "", State::note, 0, 0, nullptr, kHttp, ""},
};

}  // namespace

std::span<const Keyword> option_keywords() { return kRows; }

}  // namespace kerbgate::config
