#include "page/answer.hpp"

#include <algorithm>

#include "admin/render.hpp"
#include "admin/table.hpp"
#include "page/document.hpp"

namespace kerbgate::page {
namespace {

/// Where a request's target leads.
struct Target {
  enum class Kind { none, page, health, json, metrics };
  Kind kind = Kind::none;
  std::string path;     ///< of the page, as it was asked for
  std::string options;  ///< what follows: ";csv;norefresh"
};

std::string_view without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (target.starts_with(scheme)) {
      const std::size_t slash = target.find('/', scheme.size());
      return slash == std::string_view::npos ? "/" : target.substr(slash);
    }
  return target;
}

bool leads_to(std::string_view target, std::string_view path, Target& out) {
  if (!target.starts_with(path)) return false;
  const std::string_view rest = target.substr(path.size());
  if (!rest.empty() && rest[0] != ';' && rest[0] != '?' && rest[0] != '&') return false;
  out = {Target::Kind::page, std::string(path), std::string(rest)};
  return true;
}

Target target_of(std::string_view target, const std::string& uri) {
  target = without_authority(target);
  const std::string_view path = target.substr(0, target.find('?'));
  if (path == "/healthz") return {Target::Kind::health, {}, {}};
  Target out;
  if (!uri.empty() && leads_to(target, uri, out)) return out;
  if (path == "/stats.json") return {Target::Kind::json, {}, {}};
  if (path == "/metrics") return {Target::Kind::metrics, {}, {}};
  if (uri.empty())
    for (const std::string_view page : {"/haproxy?stats", "/"})
      if (leads_to(target, page, out)) return out;
  return out;
}

bool has_option(std::string_view options, std::string_view wanted) {
  for (std::size_t at = 0; at < options.size();) {
    const std::size_t begin = at + 1;
    at = std::min(options.find_first_of(";&?", begin), options.size());
    if (options.substr(begin, at - begin) == wanted) return true;
  }
  return false;
}

std::string outcome_in(std::string_view options) {
  const std::size_t at = options.find("st=");
  return at == std::string_view::npos ? std::string{} : std::string(options.substr(at + 3, 4));
}

Answer text(unsigned status, std::string body) {
  Answer out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

/// A quoted-string of HTTP.
std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) continue;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

Answer unauthorized(const config::StatsSettings& settings) {
  Answer out = text(401, "A user and a password are needed.\n");
  const std::string realm = settings.realm.empty() ? "kerbgate statistics" : settings.realm;
  out.headers.emplace_back("WWW-Authenticate", "Basic realm=" + quoted(realm) + ", charset=\"UTF-8\"");
  return out;
}

bool may_change(const Request& request, const config::StatsSettings& settings) {
  return std::any_of(settings.admin.begin(), settings.admin.end(), [&](const rules::Condition& condition) {
    return rules::evaluate(condition, request.client) == rules::Verdict::yes;
  });
}

/// Sent by a page of another site, as the browser itself says.
bool is_foreign(const Request& request) {
  if (request.fetch_site == "cross-site" || request.fetch_site == "same-site") return true;
  if (request.origin.empty()) return false;
  const std::size_t scheme = request.origin.find("://");
  return scheme == std::string::npos || request.origin.substr(scheme + 3) != request.host;
}

Answer redirect(const View& view, std::string_view outcome) {
  Answer out = text(303, "");
  out.headers.emplace_back("Location", view.path + ";st=" + std::string(outcome));
  return out;
}

void plan_change(Plan& out, const Request& request, const Page& page, Tokens& tokens) {
  if (!may_change(request, page.settings)) {
    out.answer =
        text(403, page.settings.admin.empty()
                      ? "Nothing was changed: this page shows and changes nothing ('stats admin' would let it).\n"
                      : "Nothing was changed: 'stats admin' does not let " + request.client.source.str() +
                            " change anything.\n");
    return;
  }
  if (is_foreign(request)) {
    out.answer = text(403, "Nothing was changed: the form was sent by a page of another site.\n");
    return;
  }
  Form form = parse_form(request.body);
  if (!tokens.fits(out.user, form.token) || !form.change) {
    out.answer = redirect(out.view, outcome::kError);
    return;
  }
  if (form.change->servers.empty()) {
    out.answer = redirect(out.view, outcome::kNothing);
    return;
  }
  out.what = Plan::Do::change;
  out.change = std::move(form.change);
}

void plan_view(Plan& out, const Target& target) {
  out.what = Plan::Do::show;
  if (target.kind == Target::Kind::json) out.form = Plan::Form::json;
  if (has_option(target.options, "json")) out.form = Plan::Form::rows;
  if (target.kind == Target::Kind::metrics) out.form = Plan::Form::metrics;
  if (has_option(target.options, "csv")) out.form = Plan::Form::csv;
  if (has_option(target.options, "norefresh")) out.view.settings.refresh = {};
  out.view.notice = outcome_in(target.options);
}

const char* phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 303:
      return "See Other";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Service Unavailable";
  }
}

}  // namespace

Plan plan(const Request& request, const Page& page, Tokens& tokens) {
  Plan out;
  const Target target = target_of(request.target, page.settings.uri);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (target.kind != Target::Kind::health && !page.settings.auth.empty()) {
    const std::optional<std::string> user = user_of(request.authorization, page.settings.auth);
    if (!user) {
      out.answer = unauthorized(page.settings);
      return out;
    }
    out.user = *user;
  }
  if (target.kind == Target::Kind::none) {
    out.answer = text(404, "There is no such page here.\n");
    return out;
  }
  const bool posts = request.method == "POST" && target.kind == Target::Kind::page;
  if (!reads && !posts) {
    const bool form = target.kind == Target::Kind::page;
    out.answer = text(405, form ? "GET, HEAD and POST are answered here.\n" : "GET and HEAD are answered here.\n");
    out.answer.headers.emplace_back("Allow", form ? "GET, HEAD, POST" : "GET, HEAD");
    return out;
  }
  if (target.kind == Target::Kind::health) {
    out.what = Plan::Do::health;
    return out;
  }
  out.view.settings = page.settings;
  out.view.section = page.section;
  out.view.path = target.path;
  if (posts) {
    plan_change(out, request, page, tokens);
    return out;
  }
  out.view.may_change = may_change(request, page.settings);
  if (out.view.may_change) out.view.token = tokens.of(out.user);
  plan_view(out, target);
  return out;
}

Answer health_answer(bool well) {
  return text(well ? 200 : 503, well ? "ok\n" : "no frontend accepts, or no server takes connections\n");
}

Answer render(const Plan& plan, admin::Snapshot snapshot) {
  View view = plan.view;
  narrow(snapshot, view);
  Answer out;
  switch (plan.form) {
    case Plan::Form::csv:
      out.body = admin::csv(admin::stat_rows(snapshot));
      break;
    case Plan::Form::rows:
      out.type = "application/json";
      out.body = admin::json(admin::stat_rows(snapshot));
      break;
    case Plan::Form::json:
      out.type = "application/json";
      out.body = admin::json(snapshot);
      break;
    case Plan::Form::metrics:
      out.type = "text/plain; version=0.0.4; charset=utf-8";
      out.body = admin::prometheus(snapshot);
      break;
    case Plan::Form::page:
      out.type = "text/html; charset=utf-8";
      view.nonce = random_word(16);
      out.body = document(snapshot, view);
      out.headers.emplace_back(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'nonce-" + view.nonce + "'; script-src 'nonce-" + view.nonce +
              "'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
      out.headers.emplace_back("X-Frame-Options", "DENY");
      out.headers.emplace_back("Referrer-Policy", "same-origin");
      break;
  }
  return out;
}

Answer changed_answer(const Plan& plan, std::string_view outcome) { return redirect(plan.view, outcome); }

Answer refusal(unsigned status) {
  switch (status) {
    case 413:
      return text(status, "The form is too long.\n");
    case 431:
      return text(status, "The headers are too long.\n");
    case 408:
      return text(status, "The request did not come in time.\n");
    default:
      return text(400, "That is not HTTP.\n");
  }
}

std::string wire(const Answer& answer, bool keep_alive, bool head) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + ' ' + phrase(answer.status) + "\r\n";
  for (const auto& [name, value] : answer.headers) out += name + ": " + value + "\r\n";
  out += "Content-Type: " + answer.type + "\r\nContent-Length: " + std::to_string(answer.body.size()) +
         "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: " +
         (keep_alive ? "keep-alive" : "close") + "\r\n\r\n";
  if (!head) out += answer.body;
  return out;
}

}  // namespace kerbgate::page
