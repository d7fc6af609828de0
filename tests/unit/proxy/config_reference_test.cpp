#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "config/log_template.hpp"
#include "config/parse.hpp"

namespace kerbgate::config {
namespace {

/// The cells of a line of a Markdown table, without the code marks; `\|` is a bar.
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out(1);
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      out.back() += line[++i];
    } else if (line[i] == '|') {
      out.emplace_back();
    } else if (line[i] != '`') {
      out.back() += line[i];
    }
  }
  for (std::string& cell : out) {
    const std::size_t begin = cell.find_first_not_of(' ');
    cell = begin == std::string::npos ? "" : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1);
  }
  return out;
}

std::string row(const std::string& section, const std::string& keyword, const std::string& where,
                const std::string& syntax, const std::string& state) {
  return section + ": " + keyword + " (" + syntax + ") [" + where + "] " + state;
}

/// The rows of the tables under the headings that list keywords.
std::multiset<std::string> documented() {
  const std::pair<const char*, const char*> kHeadings[] = {
      {"## Keywords of `global`", "global"},       {"## Keywords of `defaults`", "proxy"},
      {"## Keywords of `resolvers`", "resolvers"}, {"## Options of `stats socket`", "stats socket"},
      {"## Rules and conditions", "test"},         {"## Options of `bind`", "bind"},
      {"## Options of `server`", "server"}};
  std::multiset<std::string> out;
  std::ifstream file(KERBGATE_SOURCE "/docs/configuration.md");
  std::string section;
  for (std::string line; std::getline(file, line);) {
    if (line.substr(0, 3) == "## ") section.clear();
    for (const auto& [heading, name] : kHeadings) {
      if (line.substr(0, std::string(heading).size()) == heading) section = name;
    }
    if (section.empty() || line.substr(0, 3) != "| `") continue;
    const auto cell = cells(line);
    if (section == "test" && cell.size() < 5) continue;  // the table of flags
    if (section == "proxy")
      out.insert(row(section, cell.at(0), cell.at(2), cell.at(1), cell.at(3)));
    else
      out.insert(row(section, cell.at(0), "", cell.at(1), cell.at(2)));
  }
  return out;
}

TEST(ConfigurationReference, HoldsEveryKeywordAsTheParserDoes) {
  const auto in_document = documented();
  std::multiset<std::string> in_parser;
  for (const KeywordHelp& help : keyword_help()) {
    in_parser.insert(
        row(help.section, help.keyword, help.section == "proxy" ? help.where : "", help.syntax, help.state));
    EXPECT_FALSE(help.summary.empty()) << help.keyword;
  }
  for (const std::string& keyword : in_parser) EXPECT_EQ(in_document.count(keyword), 1u) << keyword;
  for (const std::string& keyword : in_document) EXPECT_EQ(in_parser.count(keyword), 1u) << keyword;
  EXPECT_GT(in_document.size(), 200u);
}

TEST(ConfigurationReference, LogsHoldEveryVariableAndFetchOfLogFormat) {
  std::multiset<std::string> in_document, in_parser;
  std::ifstream file(KERBGATE_SOURCE "/docs/logs.md");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `%")) in_document.insert(cells(line).at(0) + ": " + cells(line).at(1));
  for (const LogFieldRow& row : log_field_rows())
    in_parser.insert("%" + std::string(row.name) + ": " + std::string(row.summary));
  for (const LogFetchRow& row : log_fetch_rows())
    in_parser.insert("%[" + std::string(row.name) + "]: " + std::string(row.summary));
  EXPECT_EQ(in_document, in_parser);
}

}  // namespace
}  // namespace kerbgate::config
