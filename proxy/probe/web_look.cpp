#include "probe/addresses.hpp"
#include "probe/http_get.hpp"
#include "probe/look.hpp"
#include "probe/web_answers.hpp"

namespace kerbgate::probe {
namespace {

using check::Look;
using std::chrono::steady_clock;

constexpr unsigned kOk = 200, kUnauthorized = 401, kForbidden = 403, kNotFound = 404, kUnavailable = 503;

class WebLook {
 public:
  explicit WebLook(const Target& target)
      : target_(target), addresses_(target), place_{target.host,    target.port,     target.tls,
                                                    target.ca_file, target.crt_file, !target.auth_file.empty()} {}

  Seen run() {
    const auto started = steady_clock::now();
    look();
    out_.took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - started);
    return std::move(out_);
  }

 private:
  void look() {
    if (!target_.auth_file.empty()) {
      auto read = read_credentials(target_.auth_file);
      if (!read) return say(Look::unknown, read.error().what);
      credentials_ = std::move(*read);
    }
    const auto health = get("/healthz");
    if (!health) return unreachable(health.error());
    if (refused(*health, "/healthz")) return;
    if (health->status == kUnavailable)
      return say(Look::failed, "/healthz answers 503: it has not joined the cluster (statestored)");
    // Before Impala 3.x there is no such page: /?json then says enough.
    if (health->status != kOk && health->status != kNotFound)
      return say(Look::failed, "/healthz answers " + std::to_string(health->status));
    if (!look_at_front_page(health->status == kOk)) return;
    if (target_.counts) count_queries();
  }

  /// False when nothing more is to be asked. The port of --metrics_webserver_port has no front page.
  bool look_at_front_page(bool healthy) {
    const auto front = get("/?json");
    if (!front) return unreachable(front.error()), false;
    if (refused(*front, "/")) return false;
    const auto quiescing = front->status == kOk ? is_quiescing(front->body) : std::nullopt;
    if (!healthy && !quiescing)
      return say(Look::unknown, "port " + std::to_string(target_.port) + " is not impalad's web page"), false;
    if (quiescing.value_or(false))
      say(Look::quiescing, "it is being shut down (is_quiescing)");
    else
      say(Look::passed, healthy ? "/healthz answers 200" : "/?json answers");
    return true;
  }

  void count_queries() {
    for (const char* const uri : {"/jsonmetrics", "/metrics_prometheus"}) {
      const auto metrics = get(uri);
      if (!metrics) break;
      if (metrics->status != kOk) continue;
      out_.queries = registered_queries(metrics->body);
      if (out_.queries) return void(out_.found += ", " + std::to_string(*out_.queries) + " queries");
    }
    out_.found += "; no count of queries in /jsonmetrics or /metrics_prometheus";
  }

  Result<HttpAnswer> get(const std::string& uri) {
    return http_get(place_, uri, credentials_, addresses_, network::after(target_.limit));
  }

  bool refused(const HttpAnswer& answer, const char* uri) {
    if (answer.status != kUnauthorized && answer.status != kForbidden) return false;
    say(Look::unknown,
        std::string(uri) + " answers " + std::to_string(answer.status) +
            (target_.auth_file.empty() ? ": give the check a file USER:PASSWORD ('auth FILE'), or the port of "
                                         "--metrics_webserver_port, which asks for none"
                                       : ": the web page does not take the password in " + target_.auth_file));
    return true;
  }

  /// What this side may not or cannot do says nothing of the coordinator.
  void unreachable(const Error& error) {
    const bool ours = error.is(Errc::permission) || error.is(Errc::unsupported) || error.is(Errc::invalid);
    const bool late = network::failed_with(error, std::errc::timed_out);
    say(ours ? Look::unknown : Look::failed,
        "port " + std::to_string(target_.port) + ": " + (late ? "no answer in time" : error.what));
  }

  void say(Look look, std::string found) {
    out_.look = look;
    out_.found = std::move(found);
  }

  const Target& target_;
  Addresses addresses_;
  HttpPlace place_;
  Credentials credentials_;
  Seen out_;
};

}  // namespace

Seen look_at_web_page(const Target& target) { return WebLook(target).run(); }

}  // namespace kerbgate::probe
