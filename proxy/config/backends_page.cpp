#include "config/backends_page.hpp"

#include <algorithm>

#include "config/value.hpp"
#include "kerbgate/name.hpp"

namespace kerbgate::config {
namespace {

constexpr std::uint16_t kWebPort = 25000;
constexpr std::string_view kPath = "/backends?json";

/// `http[s]://HOST[:PORT][/PATH]`: false, and an alert, when it is not that.
bool read_url(const Statement& line, const Word& word, BackendsPage& page) {
  std::string_view rest = word.text;
  for (const auto& [scheme, tls] : {std::pair("http://", false), std::pair("https://", true)})
    if (rest.starts_with(scheme)) {
      rest.remove_prefix(std::string_view(scheme).size());
      page.tls = tls;
    }
  if (rest.size() == word.text.size()) {
    line.place.alert(word, quoted(word.text) + " is not http[s]://HOST[:PORT][/PATH]");
    return false;
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  page.path = slash == rest.size() ? kPath : rest.substr(slash);
  if (authority.find('@') != std::string_view::npos) {
    line.place.alert(word, "a password does not belong here, where others may read it: 'auth FILE'");
    return false;
  }
  const auto odd = [](char c) { return c <= ' ' || c > '~' || c == '#'; };
  const Result<HostPort> place = HostPort::parse(authority, kWebPort);
  if (!place || std::any_of(page.path.begin(), page.path.end(), odd)) {
    line.place.alert(word, place ? quoted(word.text) + " is no URL: a space or '#' is in it" : place.error().what);
    return false;
  }
  page.host = place->host;
  page.port = place->port;
  return true;
}

}  // namespace

void add_backends_page(const Statement& line) {
  Resolvers& section = line.resolvers();
  BackendsPage page;
  page.id = line.args[0].text;
  if (!section.nameservers.empty() || section.system)
    return line.place.alert(line.head, "a section asks nameservers or Impala, not both: make two sections");
  if (std::any_of(section.impala.begin(), section.impala.end(), [&](const auto& one) { return one.id == page.id; }))
    return line.place.alert(line.args[0], "there is an impala-backends " + quoted(page.id) + " already");
  if (!read_url(line, line.args[1], page)) return;
  for (std::size_t i = 2; i < line.args.size(); i += 2) {
    const Word& word = line.args[i];
    if (word.text != "auth" && word.text != "ca-file")
      return line.place.alert(word, "supports 'auth FILE' and 'ca-file FILE', not " + quoted(word.text));
    if (i + 1 == line.args.size()) return line.place.alert(word, "missing argument after " + quoted(word.text));
    (word.text == "auth" ? page.auth_file : page.ca_file) = line.args[i + 1].text;
  }
  if (!page.tls && !page.ca_file.empty())
    line.place.warning(line.args[1], "'ca-file' does nothing: the page is asked in clear; write https://");
  section.impala.push_back(std::move(page));
}

}  // namespace kerbgate::config
