#include "commands/check_report.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "commands/output.hpp"
#include "counted.hpp"
#include "diagnosis/cause.hpp"
#include "kerbgate/printable.hpp"

namespace kerbgate::commands {
namespace {

namespace json = boost::json;

struct Counts {
  std::size_t passed = 0, failed = 0, warnings = 0, skipped = 0;
};

Counts count(std::span<const CheckResult> results) {
  Counts counts;
  for (const CheckResult& result : results) {
    switch (result.verdict) {
      case Verdict::pass:
        ++counts.passed;
        break;
      case Verdict::fail:
        ++counts.failed;
        break;
      case Verdict::warn:
        ++counts.warnings;
        break;
      case Verdict::skip:
        ++counts.skipped;
        break;
    }
  }
  return counts;
}

Paint paint_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return Paint::green;
    case Verdict::fail:
      return Paint::red;
    case Verdict::warn:
      return Paint::yellow;
    case Verdict::skip:
      break;
  }
  return Paint::bold;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

/// Cause and remedy, below the row that they are about.
void print_remedy(const CheckResult& result, std::ostream& out) {
  const diagnosis::CauseRow* row = diagnosis::find_cause(result.cause);
  if (row != nullptr) out << "    " << row->id << ": " << row->title << '\n';
  if (!result.remedy.empty()) out << "    remedy: " << printable(result.remedy) << '\n';
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(printable(text));
}

}  // namespace

void print_checks(std::span<const CheckResult> results, Environment& environment) {
  std::size_t subjects = std::string("subject").size(), checks = std::string("check").size();
  for (const CheckResult& result : results) {
    subjects = std::max(subjects, printable(result.subject).size());
    checks = std::max(checks, result.check.size());
  }
  std::ostream& out = environment.out;
  out << padded("subject", subjects) << "  " << padded("check", checks) << "  result  found\n";
  for (const CheckResult& result : results) {
    const std::string verdict = painted(environment, paint_of(result.verdict), verdict_word(result.verdict));
    out << padded(printable(result.subject), subjects) << "  " << padded(result.check, checks) << "  " << verdict
        << "    " << printable(result.found) << '\n';
    if (result.verdict == Verdict::fail || result.verdict == Verdict::warn) print_remedy(result, out);
  }
  const Counts counts = count(results);
  out << counted(results.size(), "check") << ": " << counts.passed << " passed, " << counts.failed << " failed, "
      << counted(counts.warnings, "warning") << ", " << counts.skipped << " skipped\n";
}

void print_checks_json(std::span<const CheckResult> results, Environment& environment) {
  json::array checks;
  for (const CheckResult& result : results) {
    checks.push_back(json::object{{"subject", printable(result.subject)},
                                  {"check", result.check},
                                  {"verdict", verdict_word(result.verdict)},
                                  {"found", printable(result.found)},
                                  {"cause", text_or_null(result.cause)},
                                  {"remedy", text_or_null(result.remedy)}});
  }
  const Counts counts = count(results);
  print_json(environment.out, json::object{{"checks", std::move(checks)},
                                           {"summary",
                                            {{"checks", results.size()},
                                             {"passed", counts.passed},
                                             {"failed", counts.failed},
                                             {"warnings", counts.warnings},
                                             {"skipped", counts.skipped}}}});
}

}  // namespace kerbgate::commands
