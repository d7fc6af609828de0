#pragma once

#include <span>
#include <string>
#include <vector>

namespace kerbgate {

/// How one check of `keytool verify` or `keytool doctor` ended.
enum class Verdict {
  pass,
  warn,  ///< works now, and will not always
  fail,
  skip,  ///< could not be looked at; `found` says why
};

const char* verdict_word(Verdict verdict);

/// One row of what verify and doctor print. Texts are one line each and may hold what came from a file or the wire: who
/// prints them escapes them (printable.hpp).
struct CheckResult {
  std::string subject;  ///< whom it is about: a host, a file, the proxy
  std::string check;    ///< what was looked at, in a word or three: "internal principal", "PTR", "clock". Stable
  Verdict verdict = Verdict::pass;
  std::string found;   ///< what was seen, with the value: names, kvno, offset, seconds
  std::string cause;   ///< of a warn or fail: stable, for machines, "proxy-key-not-merged"; a row of the causes' table
  std::string remedy;  ///< of a warn or fail: what to do, with the command to type
};

/// The gravest of them: fail over warn over pass; skip when nothing else is there.
Verdict worst(std::span<const CheckResult> results);

}  // namespace kerbgate
