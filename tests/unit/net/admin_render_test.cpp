#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "admin/command.hpp"
#include "admin/render.hpp"

namespace kerbgate::admin {
namespace {

/// A listen section whose names are as hostile as names can be.
Snapshot sample() {
  Snapshot out;
  out.process.version = "1.2.3";
  out.process.uptime = 90061;
  Section section;
  section.name = "a,b";
  section.id = 7;
  section.front.emplace();
  section.front->status = "OPEN";
  section.front->current = 3;
  section.front->logins.refusals = {{"wrong-host", 2}};
  section.back.emplace();
  section.back->status = "UP";
  ServerFacts server;
  server.name = "s\"1\\";
  server.id = 1;
  server.status = "UP 1/3";
  server.checked = true;
  server.check = stats::CheckOutcome{};
  server.check->status = "L4CON";
  server.check->info = "refused, \"quite\"\nso";
  server.bytes_in = 1ull << 40;
  section.back->servers.push_back(server);
  out.sections.push_back(section);
  stats::Refusal refusal;
  refusal.client = "10.0.0.1";
  refusal.words = "<script>";
  refusal.cause = login::Cause::wrong_host;
  out.refusals.push_back(refusal);
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(StatCsv, HasOneLineForEachRow) {
  const std::vector<std::string> lines = lines_of(csv(stat_rows(sample(), {-1, -1, 1 | 2, false, false})));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(lines[0].starts_with("# pxname,svname,qcur,"));
  EXPECT_TRUE(lines[1].starts_with("\"a,b\",FRONTEND,,,3,"));
}

TEST(StatCsv, QuotesWhatWouldBreakALine) {
  const std::string text = csv(stat_rows(sample()));
  EXPECT_NE(text.find("\"s\"\"1\\\","), std::string::npos) << text;
  EXPECT_NE(text.find("\"refused, \"\"quite\"\"\nso\","), std::string::npos) << text;
}

TEST(StatRows, SelectByKindAndNumber) {
  const Snapshot snapshot = sample();
  EXPECT_EQ(stat_rows(snapshot).size(), 3u);
  EXPECT_EQ(stat_rows(snapshot, {7, -1, 4, false, false}).size(), 1u);
  EXPECT_EQ(stat_rows(snapshot, {7, 2, 4, false, false}).size(), 0u);
  EXPECT_EQ(stat_rows(snapshot, {8, -1, -1, false, false}).size(), 0u);
}

TEST(StatJson, IsJson) {
  const boost::json::value parsed = boost::json::parse(json(stat_rows(sample())));
  EXPECT_EQ(parsed.as_array().size(), 3u);
  const boost::json::object& cell = parsed.as_array()[1].as_array()[0].as_object();
  EXPECT_EQ(cell.at("objType").as_string(), "Server");
  EXPECT_EQ(cell.at("value").as_object().at("value").as_string(), "a,b");
  EXPECT_TRUE(boost::json::parse(json(info_cells(sample()))).is_array());
}

TEST(Info, SaysTheUptimeAsHaproxyDoes) {
  EXPECT_NE(text(info_cells(sample())).find("Uptime: 1d 1h01m01s\n"), std::string::npos);
  EXPECT_NE(typed(info_cells(sample())).find("8.Uptime_sec.1:MDP:u32:90061\n"), std::string::npos);
}

TEST(StateJson, HoldsAll) {
  const boost::json::object parsed = boost::json::parse(json(sample())).as_object();
  const boost::json::object& section = parsed.at("sections").as_array()[0].as_object();
  EXPECT_EQ(section.at("frontend").as_object().at("logins").as_object().at("refusals").as_object().at("wrong-host"), 2);
  const boost::json::object& server = section.at("backend").as_object().at("servers").as_array()[0].as_object();
  EXPECT_EQ(server.at("bytes_in").to_number<std::uint64_t>(), 1ull << 40);
  EXPECT_EQ(server.at("check").as_object().at("status").as_string(), "L4CON");
  EXPECT_EQ(parsed.at("refusals").as_array()[0].as_object().at("cause").as_string(), "wrong-host");
}

TEST(Prometheus, EscapesLabelsAndNamesEachMetricOnce) {
  const std::string page = prometheus(sample());
  EXPECT_NE(page.find("haproxy_server_bytes_in_total{proxy=\"a,b\",server=\"s\\\"1\\\\\"} 1099511627776\n"),
            std::string::npos);
  EXPECT_NE(page.find("kerbgate_logins_refused_total{proxy=\"a,b\",reason=\"wrong-host\"} 2\n"), std::string::npos);
  EXPECT_NE(page.find("haproxy_server_status{proxy=\"a,b\",server=\"s\\\"1\\\\\",state=\"UP\"} 1\n"),
            std::string::npos);
  std::multiset<std::string> heads;
  for (const std::string& line : lines_of(page))
    if (line.starts_with("# TYPE ")) heads.insert(line);
  for (const std::string& head : heads) EXPECT_EQ(heads.count(head), 1u) << head;
  EXPECT_GT(heads.size(), 60u);
}

TEST(CommandWords, AreDividedByBlanksUnlessEscaped) {
  EXPECT_EQ(words_of("  show \t stat\r"), (std::vector<std::string>{"show", "stat"}));
  EXPECT_EQ(words_of("show\\ stat \\\\"), (std::vector<std::string>{"show stat", "\\"}));
  EXPECT_TRUE(words_of(" ").empty());
}

TEST(Commands, AreEachDescribedInTheDocumentation) {
  std::ifstream file(KERBGATE_SOURCE "/docs/runtime.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  for (const Command& command : all_commands()) {
    std::string usage(command.usage);
    for (std::size_t bar = usage.find('|'); bar != std::string::npos; bar = usage.find('|', bar + 2))
      usage.insert(bar, "\\");
    EXPECT_NE(document.find("`" + usage + "`"), std::string::npos) << command.usage;
  }
}

}  // namespace
}  // namespace kerbgate::admin
