// Sockets as the system knows them: keepalive's numbers, the address that connections leave from.
#include "config/address.hpp"
#include "config/keyword.hpp"
#include "config/server.hpp"

namespace kerbgate::config {
namespace {

constexpr Millis kSecond{1000};

template <auto Side, auto Field>
void set_time(const Statement& line) {
  const auto time = line.place.time(line.args[0], false, kSecond);
  if (!time) return;
  if (*time % kSecond != Millis(0) || *time > Millis(32'767'000))
    return line.place.alert(line.args[0], "the system takes whole seconds, 1 to 32767");
  (line.settings().*Side).*Field = *time;
}
template <auto Side>
void set_count(const Statement& line) {
  if (const auto n = line.place.number(line.args[0], 1, 127)) (line.settings().*Side).count = int(*n);
}

void set_source(const Statement& line) {
  if (const auto source = read_source(line.place, line.args[0])) line.settings().source = *source;
  if (line.args.size() > 1)
    line.place.alert(line.args[1], "supports an address and a port alone, not " + quoted(line.args[1].text));
}

constexpr auto kClient = &Settings::client_keepalive;
constexpr auto kServer = &Settings::server_keepalive;

constexpr Keyword kRows[] = {
    {kFront, "clitcpka-idle", "TIME", State::working, 1, 1, set_time<kClient, &Keepalive::idle>,
     "silence of a client before the first keepalive probe (300s); bare numbers are seconds", ""},
    {kFront, "clitcpka-intvl", "TIME", State::working, 1, 1, set_time<kClient, &Keepalive::interval>,
     "between its probes (the system's); bare numbers are seconds", ""},
    {kFront, "clitcpka-cnt", "1-127", State::working, 1, 1, set_count<kClient>,
     "probes without an answer until it is dead (the system's)", ""},
    {kBack, "srvtcpka-idle", "TIME", State::working, 1, 1, set_time<kServer, &Keepalive::idle>,
     "the same of servers (300s)", ""},
    {kBack, "srvtcpka-intvl", "TIME", State::working, 1, 1, set_time<kServer, &Keepalive::interval>,
     "the same of servers (the system's)", ""},
    {kBack, "srvtcpka-cnt", "1-127", State::working, 1, 1, set_count<kServer>, "the same of servers (the system's)",
     ""},
    {kBack, "source", "ADDRESS[:PORT]", State::working, 1, -1, set_source, "connections to servers leave from it", ""},
};

}  // namespace

std::span<const Keyword> socket_keywords() { return kRows; }

}  // namespace kerbgate::config
