#include "kerbgate/check_result.hpp"

#include <algorithm>

namespace kerbgate {
namespace {

/// The graver the larger.
int gravity(Verdict verdict) {
  switch (verdict) {
    case Verdict::skip:
      return 0;
    case Verdict::pass:
      return 1;
    case Verdict::warn:
      return 2;
    case Verdict::fail:
      return 3;
  }
  return 3;
}

}  // namespace

const char* verdict_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::warn:
      return "warn";
    case Verdict::fail:
      return "fail";
    case Verdict::skip:
      return "skip";
  }
  return "";
}

Verdict worst(std::span<const CheckResult> results) {
  Verdict gravest = Verdict::skip;
  for (const CheckResult& result : results) {
    if (gravity(result.verdict) > gravity(gravest)) gravest = result.verdict;
  }
  return gravest;
}

}  // namespace kerbgate
