#include "probe/backends_answer.hpp"

#include <boost/json.hpp>
#include <map>

#include "kerbgate/name.hpp"

namespace kerbgate::probe {
namespace {

namespace json = boost::json;

bool is_true(const json::object& row, std::string_view name) {
  const json::value* const found = row.if_contains(name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

/// The host of a field "HOST:PORT".
std::optional<std::string> host_of(const json::object& row, std::string_view name) {
  const json::value* const found = row.if_contains(name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  const auto place = HostPort::parse(std::string_view(found->get_string()));
  return place ? std::optional(place->host) : std::nullopt;
}

std::optional<IpAddress> address_in(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto address = IpAddress::parse(*text);
  return address ? std::optional(*address) : std::nullopt;
}

/// nullopt: it is none, or what it is called cannot be read.
std::optional<Coordinator> coordinator_of(const json::value& entry) {
  if (!entry.is_object() || !is_true(entry.get_object(), "is_coordinator")) return std::nullopt;
  const json::object& row = entry.get_object();
  const auto host = host_of(row, "address");
  if (!host) return std::nullopt;
  Coordinator out{*host, address_in(host), is_true(row, "is_quiescing")};
  // The address that the daemon itself announces to its peers: it needs no look-up here.
  if (!out.address) out.address = address_in(host_of(row, "krpc_address"));
  return out;
}

}  // namespace

Result<std::vector<Coordinator>> coordinators_in(std::string_view text) {
  boost::system::error_code failed;
  json::parse_options options;
  options.max_depth = 32;
  const json::value root = json::parse(text, failed, {}, options);
  if (failed || !root.is_object()) return Error(Errc::invalid, "it does not answer in JSON");
  const json::value* const list = root.get_object().if_contains("backends");
  if (list == nullptr || !list->is_array())
    return Error(Errc::invalid, "it answers in JSON without 'backends': is that impalad's /backends?json");
  std::vector<Coordinator> out;
  std::map<std::string, std::size_t> known;
  for (const json::value& entry : list->get_array()) {
    auto one = coordinator_of(entry);
    if (!one) continue;
    const auto [at, is_new] = known.emplace(one->host, out.size());
    if (is_new)
      out.push_back(std::move(*one));
    else
      out[at->second].quiescing = out[at->second].quiescing && one->quiescing;
  }
  if (out.empty())
    return Error(Errc::invalid,
                 "it lists no coordinator among " + std::to_string(list->get_array().size()) + " backends");
  return out;
}

}  // namespace kerbgate::probe
