#include "keeper/lasting.hpp"

namespace kerbgate::keeper {
namespace {

std::string shown(const std::string& value) { return value.empty() ? "none" : "'" + value + "'"; }

}  // namespace

std::vector<std::string> waiting_for_restart(const config::Global& started, const config::Global& wanted,
                                             const Settled& settled) {
  std::vector<std::string> out;
  const auto compare = [&out](const char* word, const std::string& old, const std::string& now) {
    if (old != now)
      out.push_back(std::string("'") + word + "' stays as it was at the start (" + shown(old) + "); the file says " +
                    shown(now) + " now: restart the proxy to change it");
  };
  const auto number = [](int n) { return n == 0 ? std::string{} : std::to_string(n); };
  const auto yes = [](bool on) { return std::string(on ? "on" : "off"); };
  compare("user", started.user, wanted.user);
  compare("group", started.group, wanted.group);
  compare("chroot", started.chroot, wanted.chroot);
  compare("nbthread", number(started.nbthread), number(wanted.nbthread));
  if (!settled.pidfile) compare("pidfile", started.pidfile, wanted.pidfile);
  if (!settled.daemon) compare("daemon", yes(started.daemon), yes(wanted.daemon));
  return out;
}

}  // namespace kerbgate::keeper
