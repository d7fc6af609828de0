#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/site.hpp"
#include "admin/snapshot.hpp"
#include "log/logger.hpp"
#include "page/access.hpp"
#include "page/form.hpp"
#include "page/view.hpp"
#include "rules/condition.hpp"

/// What a request is answered: decided from values; the server asks, and does what it is told.
namespace kerbgate::page {

/// A listener's page.
struct Page {
  std::string section;
  config::StatsSettings settings;
  config::Millis request_timeout{0};  ///< 0: the server's own
  std::shared_ptr<log::Logger> logger;
  std::shared_ptr<admin::PageCounts> counts = std::make_shared<admin::PageCounts>();  ///< over reloads
};

struct Request {
  std::string method, target, host, origin, fetch_site, authorization, body;
  rules::Facts client = {};  ///< who asks: both ends of the connection
};

struct Answer {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< beside those that every answer has
};

/// What has to be done for a request.
struct Plan {
  enum class Do {
    say,     ///< `answer` is all
    health,  ///< ask whether the proxy serves, then health_answer()
    show,    ///< take a snapshot, then render()
    change,  ///< do `change`, then changed_answer()
  };
  enum class Form { page, csv, rows, json, metrics };  ///< rows: the same as csv, in HAProxy's JSON
  Do what = Do::say;
  Form form = Form::page;
  Answer answer;
  std::optional<Change> change;
  View view;
  std::string user;  ///< empty: the page asks for none
};

Plan plan(const Request& request, const Page& page, Tokens& tokens);
Answer health_answer(bool well);
/// The snapshot is narrowed to what the page may show.
Answer render(const Plan& plan, admin::Snapshot snapshot);
Answer changed_answer(const Plan& plan, std::string_view outcome);
/// For what is not a request: 400, 408, 413, 431.
Answer refusal(unsigned status);

/// Status line, headers and, unless `head`, the body.
std::string wire(const Answer& answer, bool keep_alive, bool head);

}  // namespace kerbgate::page
