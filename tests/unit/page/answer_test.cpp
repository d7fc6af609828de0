#include "page/answer.hpp"

#include <gtest/gtest.h>

#include "page_fixture.hpp"

namespace kerbgate::page {
namespace {

class PageAnswer : public testing::Test {
 protected:
  Plan ask(const std::string& target, const std::string& method = "GET") {
    request_.target = target;
    request_.method = method;
    return plan(request_, page_, tokens_);
  }
  Plan post(const std::string& body, const std::string& target = "/") {
    request_.body = body;
    return ask(target, "POST");
  }
  static std::string header(const Answer& answer, const std::string& wanted) {
    for (const auto& [name, value] : answer.headers)
      if (name == wanted) return value;
    return "";
  }

  /// `src 127.0.0.1`
  static rules::Condition only_here() {
    rules::Test test;
    test.fetch = rules::Fetch::src;
    test.kind = rules::Kind::address;
    EXPECT_TRUE(test.networks.add("127.0.0.1").ok());
    test.networks.finish();
    rules::Condition out;
    out.any_of.push_back({{false, {std::make_shared<const rules::Test>(std::move(test))}}});
    return out;
  }

  Request request_;
  Page page_{"stats", {}, {}, nullptr};
  Tokens tokens_;
};

TEST_F(PageAnswer, BothOfHaproxysPathsLeadToThePage) {
  for (const char* target : {"/", "/haproxy?stats", "/;csv", "/haproxy?stats;csv", "/?x", "http://lb:1/;csv"})
    EXPECT_EQ(ask(target).what, Plan::Do::show) << target;
  EXPECT_EQ(ask("/;csv").form, Plan::Form::csv);
  EXPECT_EQ(ask("/haproxy?stats;csv;norefresh").form, Plan::Form::csv);
  EXPECT_EQ(ask("/;json").form, Plan::Form::rows);
  EXPECT_EQ(ask("/stats.json").form, Plan::Form::json);
  EXPECT_EQ(ask("/metrics").form, Plan::Form::metrics);
  EXPECT_EQ(ask("/healthz").what, Plan::Do::health);
  for (const char* target : {"/x", "/haproxy", "", "*", "/csvx", "//", "/healthz/x"})
    EXPECT_EQ(ask(target).answer.status, 404u) << target;
}

TEST_F(PageAnswer, StatsUriIsTheOnlyPath) {
  page_.settings.uri = "/impala-stats";
  EXPECT_EQ(ask("/impala-stats").what, Plan::Do::show);
  EXPECT_EQ(ask("/impala-stats;csv").form, Plan::Form::csv);
  EXPECT_EQ(ask("/").answer.status, 404u);
  EXPECT_EQ(ask("/impala-statsx").answer.status, 404u);
  EXPECT_EQ(ask("/metrics").what, Plan::Do::show);
}

TEST_F(PageAnswer, OtherMethodsAreNotAllowed) {
  for (const char* method : {"PUT", "DELETE", "OPTIONS", "TRACE", "get"}) {
    EXPECT_EQ(ask("/", method).answer.status, 405u) << method;
    EXPECT_EQ(header(ask("/", method).answer, "Allow"), "GET, HEAD, POST");
  }
  EXPECT_EQ(ask("/metrics", "POST").answer.status, 405u);
  EXPECT_EQ(ask("/metrics", "POST").answer.body, "GET and HEAD are answered here.\n");
  EXPECT_EQ(ask("/", "PUT").answer.body, "GET, HEAD and POST are answered here.\n");
  EXPECT_EQ(ask("/", "HEAD").what, Plan::Do::show);
}

TEST_F(PageAnswer, AllButHealthWantsThePassword) {
  page_.settings.auth = {"admin:se:cret", "eve:x"};
  page_.settings.realm = "a \"b\"\\c";
  for (const char* target : {"/", "/;csv", "/stats.json", "/metrics", "/nope"})
    EXPECT_EQ(ask(target).answer.status, 401u) << target;
  EXPECT_EQ(header(ask("/").answer, "WWW-Authenticate"), R"(Basic realm="a \"b\"\\c", charset="UTF-8")");
  EXPECT_EQ(ask("/healthz").what, Plan::Do::health);
  for (const std::string& good : {basic("admin:se:cret"), basic("eve:x"), "basic " + basic("eve:x").substr(6)}) {
    request_.authorization = good;
    EXPECT_EQ(ask("/").what, Plan::Do::show) << good;
  }
  EXPECT_EQ(ask("/").user, "eve");
  for (const std::string& bad : {basic("admin:se"), basic("admin:se:cret2"), basic("admin:"), basic(""),
                                 basic("eve:xx"), basic("ve:x"), std::string("Basic"), std::string("Basic ===="),
                                 std::string("Bearer x"), std::string("Basic a?=="), basic("eve:x") + "AAAA"}) {
    request_.authorization = bad;
    EXPECT_EQ(ask("/").answer.status, 401u) << bad;
  }
}

TEST_F(PageAnswer, AChangeNeedsStatsAdmin) {
  EXPECT_EQ(post("b=impala&s=s1&action=drain").answer.status, 403u);
  page_.settings.admin = {only_here()};
  request_.client.source = *IpAddress::parse("10.0.0.7");
  const Plan refused = post("b=impala&s=s1&action=drain");
  EXPECT_EQ(refused.answer.status, 403u);
  EXPECT_EQ(refused.answer.body, "Nothing was changed: 'stats admin' does not let 10.0.0.7 change anything.\n");
  EXPECT_FALSE(ask("/").view.may_change);
  request_.client.source = *IpAddress::parse("127.0.0.1");
  EXPECT_TRUE(ask("/").view.may_change);
  EXPECT_EQ(post("b=impala&s=s1&action=drain&token=" + ask("/").view.token).what, Plan::Do::change);
}

TEST_F(PageAnswer, AChangeNeedsTheTokenOfItsUser) {
  page_.settings.admin = {rules::Condition{}};
  page_.settings.auth = {"a:1", "b:2"};
  request_.authorization = basic("a:1");
  const std::string of_a = ask("/").view.token;
  EXPECT_EQ(of_a.size(), 32u);
  EXPECT_EQ(ask("/").view.token, of_a);
  request_.authorization = basic("b:2");
  EXPECT_NE(ask("/").view.token, of_a);
  const std::string form = "b=impala&s=s%31&s=s+2&action=maint";
  for (const std::string& bad : {std::string(), std::string("&token="), "&token=" + of_a, std::string("&token=x")})
    EXPECT_EQ(header(post(form + bad).answer, "Location"), "/;st=ERRP") << bad;
  const Plan good = post(form + "&token=" + ask("/").view.token);
  ASSERT_EQ(good.what, Plan::Do::change);
  EXPECT_EQ(good.change->word, Change::Word::maint);
  EXPECT_EQ(good.change->backend, "impala");
  EXPECT_EQ(good.change->servers, (std::vector<std::string>{"s1", "s 2"}));
  EXPECT_NE(Tokens().of("b"), tokens_.of("b")) << "another process has another";
}

TEST_F(PageAnswer, AFormOfAnotherSiteIsRefused) {
  page_.settings.admin = {rules::Condition{}};
  const std::string form = "b=impala&s=s1&action=drain&token=" + ask("/").view.token;
  request_.host = "lb:8404";
  request_.origin = "http://lb:8404";
  EXPECT_EQ(post(form).what, Plan::Do::change);
  for (const char* origin : {"http://evil.example", "null", "http://lb:84040"}) {
    request_.origin = origin;
    EXPECT_EQ(post(form).answer.status, 403u) << origin;
  }
  request_.origin.clear();
  request_.fetch_site = "cross-site";
  EXPECT_EQ(post(form).answer.status, 403u);
}

TEST_F(PageAnswer, AFormWithoutServersOrActionChangesNothing) {
  page_.settings.admin = {rules::Condition{}};
  const std::string token = "&token=" + ask("/").view.token;
  EXPECT_EQ(header(post("b=impala&action=drain" + token).answer, "Location"), "/;st=NONE");
  for (const char* form : {"b=impala&s=s1&action=explode", "s=s1&action=drain", "%%%=%4&&=&", ""})
    EXPECT_EQ(header(post(form + token).answer, "Location"), "/;st=ERRP") << form;
  EXPECT_EQ(header(post("b=impala&action=drain" + token, "/haproxy?stats").answer, "Location"),
            "/haproxy?stats;st=NONE");
}

TEST_F(PageAnswer, ThePageRunsNoScriptButItsOwn) {
  const Answer answer = render(ask("/"), snapshot_of({server_of("s1")}));
  const std::string policy = header(answer, "Content-Security-Policy");
  const std::size_t at = policy.find("script-src 'nonce-");
  ASSERT_NE(at, std::string::npos);
  const std::string nonce = policy.substr(at + 18, 32);
  EXPECT_NE(answer.body.find("<script nonce=\"" + nonce + "\">"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(header(answer, "X-Frame-Options"), "DENY");
  EXPECT_NE(render(ask("/"), snapshot_of({})).body.find("nonce"), answer.body.find(nonce)) << "one for each answer";
}

TEST_F(PageAnswer, ScopeHidesOtherSectionsEverywhere) {
  admin::Snapshot snapshot = snapshot_of({server_of("s1")});
  snapshot.sections.push_back(snapshot.sections[0]);
  snapshot.sections[1].name = "hidden";
  snapshot.sections[1].id = 3;
  page_.settings.scope = {"impala"};
  for (const char* target : {"/", "/;csv", "/stats.json", "/metrics"}) {
    const Answer answer = render(ask(target), snapshot);
    EXPECT_NE(answer.body.find("impala"), std::string::npos) << target;
    EXPECT_EQ(answer.body.find("hidden\""), std::string::npos) << target;
    EXPECT_EQ(answer.body.find("hidden,"), std::string::npos) << target;
    EXPECT_EQ(answer.body.find("hidden<"), std::string::npos) << target;
  }
}

TEST_F(PageAnswer, WireIsOneWholeAnswer) {
  Answer answer;
  answer.body = "body";
  EXPECT_EQ(wire(answer, true, false),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\nCache-Control: no-store"
            "\r\nX-Content-Type-Options: nosniff\r\nConnection: keep-alive\r\n\r\nbody");
  EXPECT_TRUE(wire(answer, false, true).ends_with("Connection: close\r\n\r\n"));
}

}  // namespace
}  // namespace kerbgate::page
