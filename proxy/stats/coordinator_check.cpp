#include "stats/coordinator_check.hpp"

namespace kerbgate::stats {

const char* kind_word(CoordinatorCheck::Kind kind) {
  return kind == CoordinatorCheck::Kind::login ? "kerberos-check" : "impala-check";
}

std::string describe(const CoordinatorCheck& check) {
  std::string out;
  if (check.passed) {
    out = check.kind == CoordinatorCheck::Kind::login ? "login " + check.found + ", ticket of " + check.ticket
                                                      : check.found;
    return out;
  }
  if (!check.cause.empty()) out = check.cause + ": ";
  out += check.found;
  if (!check.remedy.empty()) out += "; " + check.remedy;
  return out;
}

}  // namespace kerbgate::stats
