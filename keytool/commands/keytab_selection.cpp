#include "commands/keytab_selection.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>

#include "kerbgate/printable.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate::commands {
namespace {

bool globs(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), FNM_NOESCAPE) == 0;
}

Result<std::uint32_t> parse_kvno(const std::string& text) {
  std::uint32_t kvno = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), kvno);
  if (problem == std::errc() && end == text.data() + text.size()) return kvno;
  return Error(Errc::invalid, "--kvno takes a number from 0 to 4294967295, not " + quoted(text));
}

template <class T>
bool any_or_in(const std::vector<T>& wanted, const T& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

}  // namespace

bool principal_matches(const std::string& pattern, const Principal& principal) {
  const std::string text = principal.str();
  const std::string printable = principal.printable();
  if (globs(pattern, text) || globs(pattern, printable)) return true;
  if (pattern.find('@') != std::string::npos) return false;
  // The realm's `@` is the last one that no backslash escapes, and nothing after it is an unescaped one.
  Principal bare = principal;
  bare.realm.clear();
  const std::string name = bare.str();
  return globs(pattern, name.substr(0, name.size() - 1));
}

void Selection::add_options(po::options_description& options) {
  const auto values = [](const char* name) { return po::value<std::vector<std::string>>()->value_name(name); };
  auto add = options.add_options();
  add("principal", values("GLOB"),
      "only principals that match: * ? [...]; without an @ the realm does not count; may be repeated");
  add("enctype", values("E"), "only this enctype, by name, alias or number; may be repeated");
  add("kvno", values("N"), "only this key version; may be repeated");
}

Result<Selection> Selection::from(const Values& values) {
  Selection out;
  out.principals_ = repeated(values, "principal");
  for (const std::string& text : repeated(values, "enctype")) {
    const auto enctype = keytab::parse_enctype(text);
    if (!enctype) return enctype.error();
    out.enctypes_.push_back(*enctype);
  }
  for (const std::string& text : repeated(values, "kvno")) {
    const auto kvno = parse_kvno(text);
    if (!kvno) return kvno.error();
    out.kvnos_.push_back(*kvno);
  }
  return out;
}

bool Selection::matches(const keytab::Entry& entry) const {
  if (!any_or_in(enctypes_, entry.enctype) || !any_or_in(kvnos_, entry.kvno)) return false;
  const auto takes = [&entry](const std::string& pattern) { return principal_matches(pattern, entry.principal); };
  return principals_.empty() || std::ranges::any_of(principals_, takes);
}

}  // namespace kerbgate::commands
