#include "probe/backends_look.hpp"

#include "probe/http_get.hpp"

namespace kerbgate::probe {
namespace {

constexpr unsigned kOk = 200, kUnauthorized = 401, kForbidden = 403, kNotFound = 404;
using End = BackendsLook::End;

BackendsLook unreachable(const Error& error) {
  if (network::failed_with(error, std::errc::timed_out)) return {End::silent, {}, "no answer in time"};
  const bool refused = network::failed_with(error, std::errc::connection_refused);
  return {refused ? End::refused : End::failed, {}, error.what};
}

BackendsLook read(const config::BackendsPage& page, const HttpAnswer& answer) {
  const std::string status = page.path + " answers " + std::to_string(answer.status);
  if (answer.status == kUnauthorized || answer.status == kForbidden)
    return {End::refused,
            {},
            status + (page.auth_file.empty() ? ": give it a file USER:PASSWORD ('auth FILE')"
                                             : ": it does not take the password in " + page.auth_file)};
  if (answer.status == kNotFound)
    return {End::failed,
            {},
            status + ": the port of --metrics_webserver_port has no such page, that of --webserver_port has"};
  if (answer.status != kOk) return {End::failed, {}, status};
  auto list = coordinators_in(answer.body);
  if (!list) return {End::failed, {}, list.error().what};
  std::string words = std::to_string(list->size()) + (list->size() == 1 ? " coordinator" : " coordinators");
  return {End::listed, std::move(*list), std::move(words)};
}

}  // namespace

BackendsLook look_at_backends(const config::BackendsPage& page, std::chrono::milliseconds limit, Resolver& resolver) {
  Credentials credentials;
  if (!page.auth_file.empty()) {
    auto given = read_credentials(page.auth_file);
    if (!given) return {End::failed, {}, given.error().what};
    credentials = std::move(*given);
  }
  const bool must_trust = page.tls && (!page.auth_file.empty() || !page.ca_file.empty());
  const HttpPlace place{page.host, page.port, page.tls, page.ca_file, "", must_trust};
  const auto answer = http_get(place, page.path, credentials, resolver, network::after(limit));
  return answer ? read(page, *answer) : unreachable(answer.error());
}

}  // namespace kerbgate::probe
