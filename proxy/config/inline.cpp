#include <algorithm>
#include <set>

#include "config/address.hpp"
#include "config/bind.hpp"
#include "config/finish.hpp"
#include "config/keyword.hpp"
#include "config/nearest.hpp"
#include "config/parse.hpp"

namespace kerbgate::config {
namespace {

using namespace std::chrono_literals;

/// `25003` alone is a port; anything else is an address as after `bind`.
std::string as_bind(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? ":" + text : text;
}

Settings usual_settings() {
  Settings settings;
  settings.log_global = settings.tcplog = settings.redispatch = true;
  settings.balance = Balance::leastconn;
  settings.connect_timeout = 5s;
  settings.client_timeout = settings.server_timeout = 12h;
  settings.server_template.check = true;
  return settings;
}

class InlineReader {
 public:
  InlineReader(Draft& draft, Report& report) : draft_(draft), report_(report) {}

  void read(const Inline& words) {
    read_global(words);
    if (words.listens.empty()) say("--listen", "is missing: --listen [ADDR:]PORT[,balance=ALG]");
    if (words.servers.empty()) say("--server", "is missing: --server HOST:PORT, once for each coordinator");
    const std::vector<Server> servers = read_servers(words.servers);
    for (const std::string& listen : words.listens) read_listen(listen, servers);
  }

 private:
  void say(const char* option, std::string message) { report_.say(Level::alert, {option, 0, 0}, std::move(message)); }

  /// One line as a section would hold it, so that both ways in are read by one table.
  void apply(const char* option, std::initializer_list<std::string> texts) {
    std::vector<Word> words;
    for (const std::string& text : texts) words.push_back({text, 0});
    apply_line(draft_, report_, {option, 0, 0}, words);
  }

  void read_global(const Inline& words) {
    draft_.section = SectionKind::global;
    LogTarget log;
    log.kind = LogTarget::Kind::err;
    log.format = LogFormat::raw;
    draft_.global.log = {log};
    if (!words.fqdn.empty()) apply("--fqdn", {"kerberos", "fqdn", words.fqdn});
    if (!words.keytab.empty()) apply("--keytab", {"kerberos", "keytab", words.keytab});
    if (!words.principal.empty()) apply("--principal", {"kerberos", "principal", words.principal});
  }

  std::vector<Server> read_servers(const std::vector<std::string>& texts) {
    std::vector<Server> servers;
    std::set<std::string> names, places;
    for (const std::string& text : texts) {
      const auto peer = parse_peer(text);
      if (!peer) {
        say("--server", peer.error().what);
        continue;
      }
      const std::string place = peer->host + ":" + std::to_string(peer->port);
      if (!places.insert(place).second) {
        say("--server", quoted(text) + " is given twice");
        continue;
      }
      Server server = usual_settings().server_template;
      server.host = peer->host;
      server.port = peer->port;
      server.name = names.insert(peer->host).second ? peer->host : place;
      servers.push_back(std::move(server));
    }
    return servers;
  }

  void read_listen(const std::string& text, const std::vector<Server>& servers) {
    const std::size_t comma = text.find(",balance=");
    const std::string address = as_bind(text.substr(0, comma));
    draft_.section = SectionKind::listen;
    Proxy& proxy = draft_.proxies.emplace_back();
    draft_.proxy = &proxy;
    proxy.kind = SectionKind::listen;
    proxy.name = section_name(address);
    proxy.settings = usual_settings();
    proxy.servers = servers;
    const Word word{address, 0};
    add_binds(draft_, {report_, {"--listen", 0, 0}, quoted(text)}, word, {});
    if (comma != std::string::npos)
      apply("--listen", {"balance", text.substr(comma + std::string(",balance=").size())});
  }

  /// "kerbgate-25003", or with what it takes to tell two addresses apart.
  [[nodiscard]] std::string section_name(const std::string& address) const {
    std::string name = "kerbgate-" + address.substr(address.rfind(':') + 1);
    const auto taken = [&](const std::string& wanted) {
      return std::any_of(draft_.proxies.begin(), draft_.proxies.end(),
                         [&](const Proxy& p) { return p.name == wanted; });
    };
    if (!taken(name)) return name;
    return "kerbgate-" + address;
  }

  Draft& draft_;
  Report& report_;
};

}  // namespace

Parsed parse(const Inline& words) {
  Report report({});
  Draft draft;
  InlineReader(draft, report).read(words);
  Parsed out;
  out.config = finish(draft, report);
  out.diagnostics = report.take();
  return out;
}

}  // namespace kerbgate::config
