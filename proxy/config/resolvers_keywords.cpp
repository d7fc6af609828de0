// The lines of a `resolvers` section.
#include <algorithm>

#include "config/backends_page.hpp"
#include "config/keyword.hpp"
#include "config/value.hpp"
#include "kerbgate/resolver.hpp"

namespace kerbgate::config {
namespace {

constexpr std::string_view kHolds = "valid|nx|timeout|refused|other|obsolete";

/// "ADDRESS", "ADDRESS:PORT", "[ADDRESS]:PORT"; the port is 53 where none is written.
std::optional<Nameserver> read_nameserver(const Statement& line, const Word& word) {
  Nameserver out;
  std::string text = word.text;
  for (const std::string_view kind : {"tcp@", "tcp4@", "tcp6@", "udp@", "udp4@", "udp6@", "ipv4@", "ipv6@"})
    if (text.starts_with(kind)) {
      out.tcp = kind.starts_with("tcp");
      text.erase(0, kind.size());
      break;
    }
  const std::size_t colon = text.rfind(':'), bracket = text.rfind(']');
  const bool has_port =
      colon != std::string::npos && (bracket == std::string::npos ? text.find(':') == colon : colon > bracket);
  if (has_port) {
    const auto port = line.place.number({text.substr(colon + 1), word.column}, 1, 65535);
    if (!port) return std::nullopt;
    out.port = static_cast<std::uint16_t>(*port);
    text.erase(colon);
  }
  if (text.size() > 1 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const Result<IpAddress> address = IpAddress::parse(text);
  if (!address) {
    line.place.alert(word, quoted(word.text) + " is not ADDRESS[:PORT] with a numeric address");
    return std::nullopt;
  }
  out.address = address->str();
  return out;
}

void add_nameserver(const Statement& line) {
  const Word& id = line.args[0];
  if (!line.resolvers().impala.empty())
    return line.place.alert(id, "a section asks nameservers or Impala, not both: make two sections");
  std::optional<Nameserver> read = read_nameserver(line, line.args[1]);
  if (!read) return;
  read->id = id.text;
  for (const Nameserver& other : line.resolvers().nameservers)
    if (other.id == read->id) return line.place.alert(id, "there is a nameserver " + quoted(id.text) + " already");
  if (line.args.size() > 2)
    line.place.warning(line.args[2], "words after the address do nothing: a TCP nameserver is asked in clear");
  line.resolvers().nameservers.push_back(std::move(*read));
}

void set_system(const Statement& line) {
  if (!line.resolvers().impala.empty())
    return line.place.alert(line.head, "a section asks nameservers or Impala, not both: make two sections");
  line.resolvers().system = true;
}

void set_hold(const Statement& line) {
  const std::string& what = line.args[0].text;
  Resolvers& to = line.resolvers();
  Millis unused{0};
  const std::pair<std::string_view, Millis*> kKnown[] = {
      {"nx", &to.nx},       {"timeout", &to.timeout},   {"refused", &to.refused},
      {"other", &to.other}, {"obsolete", &to.obsolete}, {"valid", &unused}};
  for (const auto& [name, field] : kKnown) {
    if (what != name) continue;
    if (const auto time = line.place.time(line.args[1], true)) *field = *time;
    to.said.insert("hold " + what);
    if (what == "valid" && line.place.report.first("note hold valid"))
      line.place.say(Level::note, line.args[0],
                     "'valid' does nothing here: servers are looked up every 'timeout resolve'");
    return;
  }
  line.place.alert(line.args[0], "supports " + std::string(kHolds) + ", not " + quoted(what));
}

void set_resolve(const Statement& line) {
  if (const auto time = line.place.time(line.args[0], false)) line.resolvers().resolve = *time;
  line.resolvers().said.insert("timeout resolve");
}
void set_retry(const Statement& line) {
  if (const auto time = line.place.time(line.args[0], false)) line.resolvers().retry = *time;
  line.resolvers().said.insert("timeout retry");
}
void set_retries(const Statement& line) {
  if (const auto n = line.place.number(line.args[0], 1, 1000)) line.resolvers().retries = static_cast<int>(*n);
}
void set_payload(const Statement& line) {
  if (const auto n = line.place.number(line.args[0], 512, 65535)) line.resolvers().payload = static_cast<int>(*n);
}

constexpr Keyword kRows[] = {
    {kR, "nameserver", "ID [tcp@]ADDRESS[:PORT]", State::working, 2, -1, add_nameserver,
     "who is asked, all of them at once; the first good answer counts", ""},
    {kR, "parse-resolv-conf", "", State::working, 0, 0, set_system, "the nameservers of /etc/resolv.conf too", ""},
    {kR, "impala-backends", "ID URL [auth FILE] [ca-file FILE]", State::working, 2, 6, add_backends_page,
     "in place of nameservers: the web page of a coordinator, which lists all; the first that answers counts; "
     "kerbgate's own",
     ""},
    {kR, "hold", "valid|nx|timeout|refused|other|obsolete TIME", State::working, 2, 2, set_hold,
     "how long a good answer outlives such failures (30s; obsolete: 0s, how long a record that has gone is kept)", ""},
    {kR, "resolve_retries", "N", State::working, 1, 1, set_retries, "queries until a nameserver counts as silent (3)",
     ""},
    {kR, "timeout resolve", "TIME", State::working, 1, 1, set_resolve, "between an answer and the next question (1s)",
     ""},
    {kR, "timeout retry", "TIME", State::working, 1, 1, set_retry, "for an answer to one query (1s)", ""},
    {kR, "accepted_payload_size", "512-65535", State::working, 1, 1, set_payload,
     "largest UDP answer that is announced (512); cut ones are asked for by TCP", ""},
};

}  // namespace

std::span<const Keyword> resolvers_keywords() { return kRows; }

}  // namespace kerbgate::config
