#include "diagnosis/cause.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

using namespace kerbgate;
using diagnosis::Cause;

namespace {

/// The names between braces.
std::vector<std::string> places_in(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    found.emplace_back(text.substr(open + 1, text.find('}', open) - open - 1));
  }
  return found;
}

}  // namespace

TEST(Causes, StandInTheOrderOfTheirNumbers) {
  const auto rows = diagnosis::causes();
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(Cause::service_threads_busy) + 1);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(static_cast<std::size_t>(rows[i].cause), i) << rows[i].id;
}

TEST(Causes, HaveEachAnIdOfItsOwn) {
  std::set<std::string_view> ids;
  for (const auto& row : diagnosis::causes()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    EXPECT_EQ(row.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos) << row.id;
    EXPECT_EQ(diagnosis::find_cause(row.id), &row);
  }
  EXPECT_EQ(diagnosis::find_cause("no-such-cause"), nullptr);
}

TEST(Causes, SayWhatWhyAndWhatToDoInOneLineEach) {
  for (const auto& row : diagnosis::causes()) {
    for (const std::string_view text : {row.title, row.meaning, row.remedy}) {
      EXPECT_FALSE(text.empty()) << row.id;
      EXPECT_EQ(text.find('\n'), std::string_view::npos) << row.id;
    }
    EXPECT_NE(row.title.back(), '.') << row.id;
  }
}

TEST(Causes, NameOnlyKnownPlaces) {
  const auto known = diagnosis::place_names();
  std::set<std::string> used;
  for (const auto& row : diagnosis::causes()) {
    for (const std::string& place : places_in(row.remedy)) {
      EXPECT_NE(std::find(known.begin(), known.end(), place), known.end()) << row.id << ": {" << place << '}';
      used.insert(place);
    }
  }
  for (const std::string_view place : known) EXPECT_TRUE(used.contains(std::string(place))) << "unused: " << place;
}

TEST(Causes, FillTheRemedysPlaces) {
  EXPECT_EQ(diagnosis::remedy(Cause::keytab_owner_wrong, {{"user", "impala"}, {"keytab", "/etc/impala.keytab"}}),
            "chown impala /etc/impala.keytab");
  EXPECT_EQ(diagnosis::remedy(Cause::keytab_owner_wrong, {}), "chown USER KEYTAB");
}

TEST(Causes, HaveEachASectionInTheTroubleshootingGuideAndNothingElseHas) {
  std::ifstream guide(KERBGATE_SOURCE "/docs/troubleshooting.md");
  ASSERT_TRUE(guide);
  std::vector<std::string> sections, ids;
  for (std::string line; std::getline(guide, line);) {
    if (line.starts_with("### ")) sections.push_back(line.substr(4));
  }
  for (const auto& row : diagnosis::causes()) ids.emplace_back(row.id);
  EXPECT_EQ(sections, ids);
}

TEST(Causes, AreReachedFromTheGuidesSymptomsByTheirIds) {
  std::ifstream guide(KERBGATE_SOURCE "/docs/troubleshooting.md");
  const std::string text{std::istreambuf_iterator<char>(guide), {}};
  std::size_t links = 0;
  for (std::size_t at = text.find("](#"); at != std::string::npos; at = text.find("](#", at + 1), ++links) {
    const std::string id = text.substr(at + 3, text.find(')', at) - at - 3);
    if (id != "flagfiles-as-gflags-reads-them") {
      EXPECT_NE(diagnosis::find_cause(id), nullptr) << id;
    }
  }
  EXPECT_GT(links, 20U);
}

TEST(CheckResults, TheGravestVerdictWins) {
  const auto of = [](Verdict verdict) { return CheckResult{"s", "c", verdict, "", "", ""}; };
  EXPECT_EQ(worst({}), Verdict::skip);
  EXPECT_EQ(worst(std::vector{of(Verdict::skip), of(Verdict::pass)}), Verdict::pass);
  EXPECT_EQ(worst(std::vector{of(Verdict::warn), of(Verdict::pass)}), Verdict::warn);
  EXPECT_EQ(worst(std::vector{of(Verdict::fail), of(Verdict::warn), of(Verdict::skip)}), Verdict::fail);
}

TEST(CheckResults, AProblemCarriesItsCauseAndRemedy) {
  const CheckResult result =
      diagnosis::problem(Verdict::warn, "host1", "/var/tmp", "mode 0777", Cause::var_tmp_mode, {{"path", "/var/tmp"}});
  EXPECT_EQ(result.cause, "var-tmp-mode");
  EXPECT_EQ(result.remedy, "chmod 1777 /var/tmp");
  EXPECT_STREQ(verdict_word(result.verdict), "warn");
}
