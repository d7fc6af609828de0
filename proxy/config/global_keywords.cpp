#include "config/keyword.hpp"
#include "config/log_line.hpp"
#include "config/runtime_socket.hpp"
#include "config/tls.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

void add_log(const Statement& line) {
  if (line.negated) return line.global().log.clear();
  if (auto target = parse_log(line.place, line.args)) line.global().log.push_back(std::move(*target));
}

template <auto Field>
void set_text(const Statement& line) {
  line.global().*Field = line.args[0].text;
}
void set_description(const Statement& line) { line.global().description = line.joined_args(); }
void set_daemon(const Statement& line) { line.global().daemon = true; }
void set_busy_polling(const Statement& line) { line.global().busy_polling = !line.negated; }
void set_maxconn(const Statement& line) {
  if (const auto n = line.place.number(line.args[0], 0, kMostConnections))
    line.global().maxconn = static_cast<std::uint32_t>(*n);
}
void set_nbthread(const Statement& line) {
  if (const auto n = line.place.number(line.args[0], 1, 256)) line.global().nbthread = static_cast<int>(*n);
}
void set_hard_stop_after(const Statement& line) {
  if (const auto time = line.place.time(line.args[0], false)) line.global().hard_stop_after = *time;
}
template <auto Field>
void set_numeric_id(const Statement& line) {
  if (const auto n = line.place.number(line.args[0], 0, 4'294'967'294)) line.global().*Field = std::to_string(*n);
}
void set_stats_timeout(const Statement& line) {
  if (const auto time = line.place.time(line.args[0], true)) line.global().runtime_timeout = *time;
}
void set_stats_maxconn(const Statement& line) {
  if (const auto n = line.place.number(line.args[0], 1, 10'000))
    line.global().runtime_maxconn = static_cast<std::uint32_t>(*n);
}

void say_nbproc(const Statement& line) {
  if (!line.place.number(line.args[0], 1, 4096)) return;
  line.place.warning(line.head, "is a dead form: there is one process with threads; write 'nbthread " +
                                    line.args[0].text + "', or nothing for as many threads as CPUs");
}

void set_bind_options(const Statement& line) { apply_tls_options(line.place, line.args, line.global().bind_tls, true); }
void set_server_options(const Statement& line) {
  apply_tls_options(line.place, line.args, line.global().server_tls, false);
}
template <auto Side, auto Field>
void set_tls_text(const Statement& line) {
  line.global().*Side.*Field = line.args[0].text;
}
void set_server_verify(const Statement& line) {
  if (const auto verify = parse_verify(line.place, line.args[0], false)) line.global().server_tls.verify = verify;
}

constexpr Keyword kRows[] = {
    {kG, "log", "TARGET [len N] [format F] FACILITY [LEVEL [MINLEVEL]]", State::working, 1, -1, add_log,
     "where log lines go; TARGET: ADDRESS[:PORT], socket path, stdout, stderr; F: rfc3164, rfc5424, raw, short, json",
     ""},
    {kG, "log-tag", "WORD", State::working, 1, 1, set_text<&Global::log_tag>,
     "the program's name in syslog lines (kerbgate)", ""},
    {kG, "chroot", "DIR", State::working, 1, 1, set_text<&Global::chroot>, "root of the process that serves", ""},
    {kG, "pidfile", "FILE", State::working, 1, 1, set_text<&Global::pidfile>, "written at start, before chroot", ""},
    {kG, "maxconn", "N", State::working, 1, 1, set_maxconn,
     "connections at once in all; 0 or none: as many as descriptors allow", ""},
    {kG, "user", "NAME", State::working, 1, 1, set_text<&Global::user>, "who the process that serves becomes", ""},
    {kG, "group", "NAME", State::working, 1, 1, set_text<&Global::group>, "its group", ""},
    {kG, "uid", "N", State::working, 1, 1, set_numeric_id<&Global::user>, "user, by number", ""},
    {kG, "gid", "N", State::working, 1, 1, set_numeric_id<&Global::group>, "group, by number", ""},
    {kG, "daemon", "", State::working, 0, 0, set_daemon, "go to the background", ""},
    {kG, "nbthread", "1-256", State::working, 1, 1, set_nbthread, "worker threads; none: as many as CPUs", ""},
    {kG, "busy-polling", "", State::working, 0, 0, set_busy_polling,
     "threads look for events for 1 ms before they sleep: less latency for more CPU", ""},
    {kG, "description", "TEXT", State::working, 1, -1, set_description, "free text", ""},
    {kG, "node", "NAME", State::working, 1, 1, set_text<&Global::node>,
     "this proxy's name among several, in statistics (the host's name)", ""},
    {kG, "hard-stop-after", "TIME", State::working, 1, 1, set_hard_stop_after,
     "longest life of connections after a soft stop (SIGUSR1)", ""},
    {kG, "stats socket", "PATH|fd@N|ADDRESS:PORT [OPTION...]", State::working, 1, -1, add_runtime_socket,
     "a runtime socket (docs/runtime.md); may repeat", ""},
    {kG, "stats timeout", "TIME", State::working, 1, 1, set_stats_timeout,
     "how long its users may be silent (10s); 0: for ever", ""},
    {kG, "stats maxconn", "N", State::working, 1, 1, set_stats_maxconn, "its users at once (10)", ""},
    {kG, "ssl-default-bind-options", "WORD...", State::working, 1, -1, set_bind_options,
     "of listeners: ssl-min-ver V, ssl-max-ver V, no-tlsv12, no-tlsv13, force-tlsv12, force-tlsv13, no-tls-tickets, "
     "prefer-client-ciphers, strict-sni",
     ""},
    {kG, "ssl-default-bind-ciphers", "LIST", State::working, 1, 1, set_tls_text<&Global::bind_tls, &Tls::ciphers>,
     "of listeners, up to TLS 1.2", ""},
    {kG, "ssl-default-bind-ciphersuites", "LIST", State::working, 1, 1,
     set_tls_text<&Global::bind_tls, &Tls::ciphersuites>, "of listeners, TLS 1.3", ""},
    {kG, "ssl-default-server-options", "WORD...", State::working, 1, -1, set_server_options,
     "towards servers: the same words but for the last two", ""},
    {kG, "ssl-default-server-ciphers", "LIST", State::working, 1, 1, set_tls_text<&Global::server_tls, &Tls::ciphers>,
     "towards servers, up to TLS 1.2", ""},
    {kG, "ssl-default-server-ciphersuites", "LIST", State::working, 1, 1,
     set_tls_text<&Global::server_tls, &Tls::ciphersuites>, "towards servers, TLS 1.3", ""},
    {kG, "ssl-server-verify", "none|required", State::working, 1, 1, set_server_verify,
     "servers' certificates where a line says nothing (required)", ""},
    {kG, "ca-base", "DIR", State::working, 1, 1, set_text<&Global::ca_base>,
     "where relative ca-file and crl-file begin", ""},
    {kG, "crt-base", "DIR", State::working, 1, 1, set_text<&Global::crt_base>, "where relative crt begin", ""},
    {kG, "nbproc", "N", State::dead, 1, 1, say_nbproc, "nbthread", ""},
    {kG, "ulimit-n", "N", State::note, 1, 1, nullptr, "the descriptor limit is raised by itself", ""},
    {kG, "maxpipes", "N", State::note, 1, 1, nullptr, "pipes are taken as needed", ""},
    {kG, "tune.*", "VALUE...", State::note, 0, -1, nullptr, "buffers and sockets tune themselves", ""},
    {kG, "cpu-map", "SET SET", State::note, 0, -1, nullptr, "the system places threads", ""},
    {kG, "spread-checks", "PERCENT", State::note, 1, 1, nullptr, "checks are spread by themselves", ""},
    {kG, "max-spread-checks", "TIME", State::note, 1, 1, nullptr, "checks are spread by themselves", ""},
    {kG, "log-send-hostname", "[NAME]", State::note, 0, 1, nullptr, "the host's name is sent where the format has it",
     ""},
    {kG, "unix-bind", "WORD...", State::note, 1, -1, nullptr, "UNIX sockets have the mode that umask gives", ""},
    {kG, "quiet", "", State::note, 0, 0, nullptr, "use -q", ""},
    {kG, "debug", "", State::note, 0, 0, nullptr, "use -d", ""},
    {kG, "master-worker", "[WORD]", State::note, 0, 1, nullptr, "a reload stays in the process", ""},
};

}  // namespace

std::span<const Keyword> global_keywords() { return kRows; }

}  // namespace kerbgate::config
