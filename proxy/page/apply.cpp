#include "page/apply.hpp"

#include <algorithm>

#include "admin/change.hpp"

namespace kerbgate::page {
namespace {

void end_sessions(admin::Site& site, const std::vector<admin::ServerPlace>& places,
                  std::function<void(std::string_view)> done, std::string_view outcome) {
  std::vector<std::string> names;
  for (const admin::ServerPlace& place : places) names.push_back(place.server().name);
  admin::end_sessions(
      site,
      [backend = places.front().backend->conf.name, names](const net::Listed& one) {
        return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return one.on(backend, name); });
      },
      [done = std::move(done), outcome](std::size_t) { done(outcome); });
}

}  // namespace

void apply(admin::Site& site, const Change& change, std::function<void(std::string_view)> done) {
  std::vector<admin::ServerPlace> places;
  for (const std::string& server : change.servers) {
    std::string error;
    if (auto place = admin::find_server(site, change.backend + '/' + server, error))
      places.push_back(std::move(*place));
  }
  if (places.empty()) return done(outcome::kNothing);
  const std::string_view outcome = places.size() == change.servers.size() ? outcome::kDone : outcome::kPart;
  if (change.word == Change::Word::shutdown) return end_sessions(site, places, std::move(done), outcome);
  const balance::Admin state = change.word == Change::Word::drain   ? balance::Admin::drain
                               : change.word == Change::Word::maint ? balance::Admin::maint
                                                                    : balance::Admin::ready;
  for (const admin::ServerPlace& place : places) admin::set_state(site, place, state);
  done(outcome);
}

bool is_serving(const admin::Site& site) {
  const auto& frontends = site.generation().frontends;
  return std::any_of(frontends.begin(), frontends.end(), [](const auto& frontend) {
    if (frontend->paused->load() || !frontend->backend) return false;
    const balance::PoolView whole = frontend->backend->pool->whole();
    return whole.usable_active + whole.usable_backup != 0;
  });
}

}  // namespace kerbgate::page
