#include "diagnosis/cause.hpp"

#include <algorithm>
#include <array>

#include "diagnosis/cause_rows.hpp"

namespace kerbgate::diagnosis {
namespace {

constexpr std::array<std::string_view, 19> kPlaces{
    "address", "directory", "flag",      "flagfile", "found",           "host",  "keytab", "line", "mode",  "name",
    "port",    "path",      "principal", "proxy",    "proxy-principal", "realm", "role",   "user", "wanted"};

std::string shouted(std::string_view place) {
  std::string word(place);
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  std::transform(word.begin(), word.end(), word.begin(), upper);
  return word;
}

std::string value_of(std::string_view place, const Places& places) {
  const auto given = std::find_if(places.begin(), places.end(), [&](const auto& one) { return one.first == place; });
  return given != places.end() ? given->second : shouted(place);
}

}  // namespace

std::span<const CauseRow> causes() {
  static const std::vector<CauseRow> rows = [] {
    std::vector<CauseRow> all;
    for (const auto part :
         {key_causes(), keytab_causes(), flag_causes(), flagfile_causes(), name_causes(), network_causes()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

const CauseRow& row_of(Cause cause) { return causes()[static_cast<std::size_t>(cause)]; }

const CauseRow* find_cause(std::string_view id) {
  const auto rows = causes();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const CauseRow& one) { return one.id == id; });
  return row != rows.end() ? &*row : nullptr;
}

std::span<const std::string_view> place_names() { return kPlaces; }

std::string remedy(Cause cause, const Places& places) {
  std::string_view rest = row_of(cause).remedy;
  std::string text;
  for (;;) {
    const std::size_t open = rest.find('{');
    text += rest.substr(0, open);
    if (open == std::string_view::npos) return text;
    const std::size_t close = rest.find('}', open);
    text += value_of(rest.substr(open + 1, close - open - 1), places);
    rest.remove_prefix(close == std::string_view::npos ? rest.size() : close + 1);
  }
}

CheckResult passed(std::string subject, std::string check, std::string found) {
  return {std::move(subject), std::move(check), Verdict::pass, std::move(found), "", ""};
}

CheckResult skipped(std::string subject, std::string check, std::string why) {
  return {std::move(subject), std::move(check), Verdict::skip, std::move(why), "", ""};
}

CheckResult problem(Verdict verdict, std::string subject, std::string check, std::string found, Cause cause,
                    const Places& places) {
  return {std::move(subject),   std::move(check), verdict, std::move(found), std::string(row_of(cause).id),
          remedy(cause, places)};
}

}  // namespace kerbgate::diagnosis
