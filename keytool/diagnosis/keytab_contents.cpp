#include "diagnosis/keytab_contents.hpp"

#include <algorithm>
#include <map>

namespace kerbgate::diagnosis {

std::vector<Held> principals_of(const std::vector<keytab::Entry>& entries) {
  const keytab::Merged newest = keytab::merge({&entries, 1}, {keytab::Prefer::first, true});
  std::vector<Held> all;
  std::map<std::string, std::size_t> places;
  for (const keytab::Entry& entry : newest.entries) {
    const auto [place, fresh] = places.try_emplace(entry.principal.str(), all.size());
    if (fresh) all.push_back({entry.principal, entry.kvno, {}});
    auto& enctypes = all[place->second].enctypes;
    if (std::find(enctypes.begin(), enctypes.end(), entry.enctype) == enctypes.end()) enctypes.push_back(entry.enctype);
  }
  return all;
}

const Held* find(const std::vector<Held>& all, const Principal& wanted) {
  const auto held = std::find_if(all.begin(), all.end(), [&](const Held& one) { return one.principal == wanted; });
  return held != all.end() ? &*held : nullptr;
}

std::string keys_text(const Held& held) {
  std::string text = "kvno " + std::to_string(held.kvno) + ':';
  for (std::size_t i = 0; i < held.enctypes.size(); ++i) {
    text += (i > 0 ? ", " : " ") + keytab::enctype_name(held.enctypes[i]);
    if (keytab::enctype_is_weak(held.enctypes[i])) text += " (weak)";
  }
  return text;
}

std::string names_text(const std::vector<Held>& all) {
  constexpr std::size_t kNamed = 4;
  if (all.empty()) return "nothing";
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), kNamed); ++i) {
    text += (i > 0 ? ", " : "") + all[i].principal.printable();
  }
  return all.size() > kNamed ? text + " and " + std::to_string(all.size() - kNamed) + " more" : text;
}

}  // namespace kerbgate::diagnosis
