// `server-template`: many servers by one line.
#include "config/server.hpp"
#include "config/value.hpp"

namespace kerbgate::config {
namespace {

constexpr std::int64_t kMostSlots = 4096;

struct Range {
  std::int64_t first = 1, last = 0;
};

/// "5" is 1 to 5, "3-7" is that.
std::optional<Range> read_range(const Place& place, const Word& word) {
  const std::size_t dash = word.text.find('-', 1);
  const auto begin = place.number({word.text.substr(0, dash), word.column}, 1, 1'000'000);
  if (!begin) return std::nullopt;
  Range out{1, *begin};
  if (dash != std::string::npos) {
    const auto end = place.number({word.text.substr(dash + 1), word.column + static_cast<int>(dash) + 1}, 1, 1'000'000);
    if (!end) return std::nullopt;
    out = {*begin, *end};
  }
  if (out.last < out.first) {
    place.alert(word, quoted(word.text) + " is a range whose end is before its beginning");
    return std::nullopt;
  }
  if (out.last - out.first < kMostSlots) return out;
  place.alert(word, quoted(word.text) + " is more than " + std::to_string(kMostSlots) + " servers");
  return std::nullopt;
}

}  // namespace

void add_template(const Statement& line) {
  const Word& prefix = line.args[0];
  Proxy& proxy = line.proxy();
  const Place place{line.place.report, line.place.line,
                    "'server-template " + proxy.name + "/" + prefix.text.substr(0, 80) + "'"};
  const std::optional<Range> range = read_range(place, line.args[1]);
  std::optional<Server> server = read_server(line, place, prefix, line.args.subspan(2));
  if (!range || !server) return;
  server->from_template = !server->resolvers.empty();
  for (std::int64_t n = range->first; n <= range->last; ++n) {
    server->name = prefix.text + std::to_string(n);
    proxy.servers.push_back(*server);
  }
}

}  // namespace kerbgate::config
