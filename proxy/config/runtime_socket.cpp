#include "config/runtime_socket.hpp"

#include <algorithm>
#include <charconv>

#include "config/address.hpp"

namespace kerbgate::config {
namespace {

using Use = OptionUse<RuntimeSocket>;

void set_mode(const Use& use) {
  const std::string& text = use.args[0].text;
  unsigned mode = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (failed != std::errc{} || end != text.data() + text.size() || mode > 0777)
    return use.place.alert(use.args[0], "expects a file mode in octal, as 660 (got " + quoted(text) + ")");
  use.target.mode = static_cast<int>(mode);
}

template <auto Field>
void set_number(const Use& use) {
  if (const auto n = use.place.number(use.args[0], 0, 4'294'967'294)) use.target.*Field = std::to_string(*n);
}

void set_level(const Use& use) {
  static constexpr std::string_view kKnown[] = {"user", "operator", "admin"};
  const auto found = std::find(std::begin(kKnown), std::end(kKnown), use.args[0].text);
  if (found == std::end(kKnown))
    return use.place.alert(use.args[0], "only supports 'user', 'operator', and 'admin' (got " +
                                            quoted(use.args[0].text) + ")" + did_you_mean(use.args[0].text, kKnown));
  use.target.level = static_cast<RuntimeLevel>(found - std::begin(kKnown));
}

constexpr Option<RuntimeSocket> kOptions[] = {
    {"level", "user|operator|admin", State::working, 1, set_level,
     "what its users may do (operator): user looks at counters, operator at clients too, admin changes things", ""},
    {"mode", "OCTAL", State::working, 1, set_mode, "of the socket's file (as umask gives)", ""},
    {"user", "NAME", State::working, 1, set_text<&RuntimeSocket::user, RuntimeSocket>, "its owner", ""},
    {"group", "NAME", State::working, 1, set_text<&RuntimeSocket::group, RuntimeSocket>, "its group", ""},
    {"uid", "N", State::working, 1, set_number<&RuntimeSocket::user>, "its owner, by number", ""},
    {"gid", "N", State::working, 1, set_number<&RuntimeSocket::group>, "its group, by number", ""},
    {"expose-fd", "listeners", State::note, 1, nullptr, "a reload stays in the process, so listeners are not handed on",
     ""},
    {"process", "SET", State::note, 1, nullptr, "there is one process", ""},
    {"thread", "SET", State::note, 1, nullptr, "one thread serves it", ""},
    {"name", "NAME", State::note, 1, nullptr, "it is named by its address", ""},
    {"severity-output", "none|number|string", State::note, 1, nullptr, "answers have no severity before them", ""},
};

}  // namespace

std::span<const Option<RuntimeSocket>> runtime_socket_options() { return kOptions; }

void add_runtime_socket(const Statement& line) {
  const Word& address = line.args[0];
  const auto addresses = parse_listen(address.text);
  if (!addresses) return line.place.alert(address, addresses.error().what);
  RuntimeSocket socket;
  const Place owner{line.place.report, line.place.line, "'stats socket " + address.text.substr(0, 60) + "'"};
  apply_options(socket, runtime_socket_options(), owner, line.args.subspan(1));
  if (addresses->size() != 1) return line.place.alert(address, "expects one address");
  const ListenAddress& one = addresses->front();
  socket.bind.at = line.place.at(address);
  socket.bind.host = one.host;
  socket.bind.port = one.port;
  socket.bind.path = one.path;
  socket.bind.inherited_fd = one.inherited_fd;
  socket.bind.inherited_name = one.inherited_name;
  socket.bind.ipv6_any = one.ipv6_any;
  const bool file = !one.path.empty();
  if (!file && (socket.mode >= 0 || !socket.user.empty() || !socket.group.empty()))
    owner.warning(address, "mode, user and group are of a socket's file: they do nothing here");
  if (!file && one.inherited_fd < 0 && one.inherited_name.empty() && one.host != "127.0.0.1" && one.host != "::1")
    owner.warning(address,
                  "whoever can reach this address may use it: there is no password; bind it to 127.0.0.1, or "
                  "use a path");
  line.global().runtime_sockets.push_back(std::move(socket));
}

}  // namespace kerbgate::config
