#include "page/document.hpp"

#include <gtest/gtest.h>

#include "page/chart.hpp"
#include "page_fixture.hpp"

namespace kerbgate::page {
namespace {

const std::string kEvil = "<script>alert(1)</script>\"'&\xFF";

View viewer(bool may_change = false) {
  View out;
  out.section = "stats";
  out.may_change = may_change;
  out.token = "t0ken";
  out.nonce = "n0nce";
  return out;
}

bool has(const std::string& document, std::string_view part) { return document.find(part) != std::string::npos; }

/// Every text that comes from outside, evil.
admin::Snapshot evil_snapshot() {
  admin::ServerFacts server = server_of(kEvil, "DOWN");
  server.host = kEvil;
  server.check = stats::CheckOutcome{kEvil, kEvil, kEvil, "DOWN", 3, 0, {}};
  server.last_passed_over = stats::PassedOver{{}, kEvil, kEvil};
  admin::Snapshot out = snapshot_of({server});
  out.sections[0].name = out.sections[0].description = kEvil;
  out.sections[0].back->balance = kEvil;
  out.sections[0].front->listeners.push_back({kEvil, kEvil});
  out.sections[0].front->logins.refusals = {{kEvil, 3}};
  out.process.node = out.process.description = out.process.version = kEvil;
  out.refusals.push_back({{}, kEvil, 1, kEvil, kEvil, kEvil, kEvil, login::Cause::wrong_host, kEvil});
  out.users.push_back({kEvil, 1, 0, 0, 0, 1, {}});
  out.asked.push_back({kEvil, 1, 0, 0, 0, 1, {}});
  stats::NameState name{kEvil, kEvil, {}, 0, {kEvil}};
  name.report.fqdn = kEvil;
  name.report.addresses.push_back({IpAddress{}, kEvil, true});
  name.report.views.emplace_back();
  name.report.views.back().setting = name.report.views.back().principal = kEvil;
  name.report.findings.push_back({Severity::error, Errc::dns_mismatch, kEvil});
  out.names.mode = "strict";
  out.names.names.push_back(name);
  return out;
}

TEST(Document, NothingFromOutsideIsMarkup) {
  View view = viewer(true);
  view.section = view.settings.node = view.settings.description = view.notice = view.token = kEvil;
  view.settings.show_node = view.settings.show_description = view.settings.show_legends = true;
  const std::string out = document(evil_snapshot(), view);
  EXPECT_FALSE(has(out, "<script>"));
  EXPECT_FALSE(has(out, "\xFF"));
  EXPECT_FALSE(has(out, "\"'&"));
  EXPECT_TRUE(has(out, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\xEF\xBF\xBD"));
}

TEST(Document, ATokenIsOnlyInThePageOfWhoMayChange) {
  const admin::Snapshot snapshot = snapshot_of({server_of("s1")});
  EXPECT_TRUE(has(document(snapshot, viewer(true)), "name=token value=\"t0ken\""));
  EXPECT_TRUE(has(document(snapshot, viewer(true)), "value=\"s1\""));
  EXPECT_FALSE(has(document(snapshot, viewer()), "t0ken"));
  EXPECT_FALSE(has(document(snapshot, viewer()), "<form"));
}

TEST(Document, ADownServerIsNamedAtTheTopWithItsReason) {
  admin::ServerFacts server = server_of("s3", "DOWN");
  server.last_change = 185;
  server.check = stats::CheckOutcome{"L4CON", "Layer4 connection problem", "Connection refused", "DOWN", 1, 0, {}};
  const std::string out = document(snapshot_of({server_of("s1"), server}), viewer());
  EXPECT_TRUE(has(out, "<b>impala/s3</b> is down for 3 m 5 s: Layer4 connection problem: Connection refused"));
  EXPECT_TRUE(has(document(snapshot_of({server_of("s1")}), viewer()), "The server is in service"));
}

TEST(Document, StatesHaveHaproxysColours) {
  const std::pair<const char*, const char*> kStates[] = {
      {"UP", "up"},       {"UP 2/3", "falling"}, {"DOWN", "down"},     {"DOWN 1/2", "rising"},
      {"MAINT", "maint"}, {"DRAIN", "drain"},    {"no check", "plain"}};
  for (const auto& [status, color] : kStates)
    EXPECT_TRUE(has(document(snapshot_of({server_of("s", status)}), viewer()),
                    "<span class=\"pill " + std::string(color) + "\">" + status + "</span>"))
        << status;
}

TEST(Document, EmptyThingsSaySo) {
  const std::string out = document(snapshot_of({}), viewer());
  EXPECT_TRUE(has(out, "Nobody was refused"));
  EXPECT_TRUE(has(out, "The first samples come"));
}

TEST(Document, RefusalsOfOneClientAreCountedTogether) {
  admin::Snapshot snapshot = snapshot_of({});
  const stats::Refusal one{{}, "10.0.0.7", 1, "impala", "", "impala/x@R", "", login::Cause::wrong_host, "wrong host"};
  snapshot.refusals = {one, one, one};
  EXPECT_TRUE(has(document(snapshot, viewer()), "\u00d7 3</b>"));
}

TEST(Document, HidesItsVersionWhereAsked) {
  admin::Snapshot snapshot = snapshot_of({});
  snapshot.process.version = "9.8.7";
  EXPECT_TRUE(has(document(snapshot, viewer()), "9.8.7"));
  View view = viewer();
  view.settings.hide_version = true;
  EXPECT_FALSE(has(document(snapshot, view), "9.8.7"));
}

TEST(Document, TwoThousandServersAreUnderThreeMegabytes) {
  std::vector<admin::ServerFacts> servers;
  for (int i = 0; i < 2000; ++i) servers.push_back(server_of("impala-coordinator-" + std::to_string(i)));
  const std::string out = document(snapshot_of(std::move(servers)), viewer(true));
  EXPECT_TRUE(has(out, "impala-coordinator-1999"));
  EXPECT_LT(out.size(), 3'000'000u);
}

TEST(Chart, HasAPointForEachSampleOfTheHour) {
  std::vector<stats::Sample> samples;
  for (int i = 0; i < 400; ++i) {
    stats::Sample& sample = samples.emplace_back();
    sample.time = 1'700'000'000 - 10 * (399 - i);
    sample.seconds = 10;
    sample.sessions = std::uint32_t(i);
  }
  const std::string out = chart({"Connections", "399", [](double v) { return std::to_string(int(v)); }}, samples,
                                1'700'000'000, {{"now", 1, [](const stats::Sample& s) { return double(s.sessions); }}});
  const std::size_t at = out.find("<polyline");
  ASSERT_NE(at, std::string::npos);
  const std::string points = out.substr(at, out.find('>', at) - at);
  EXPECT_EQ(std::count(points.begin(), points.end(), ','), 361);
  EXPECT_TRUE(has(out, ">500</span>")) << "the scale";
  EXPECT_TRUE(has(out, "60 min ago"));
}

TEST(Chart, ScalesAreRound) {
  EXPECT_EQ(round_scale(0), 1);
  EXPECT_EQ(round_scale(3), 5);
  EXPECT_EQ(round_scale(20), 20);
  EXPECT_EQ(round_scale(51), 100);
  EXPECT_EQ(round_binary(1025), 2048);
}

}  // namespace
}  // namespace kerbgate::page
