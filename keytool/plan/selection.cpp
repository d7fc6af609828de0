#include "plan/selection.hpp"

#include <algorithm>

#include "counted.hpp"

namespace kerbgate::plan {
namespace {

constexpr std::size_t kShown = 3;

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// The host of service/host@REALM in lower case; empty for a principal of another form.
std::string host_of(const Principal& principal) {
  return principal.components.size() == 2 ? lower(principal.components[1]) : std::string();
}

Principal service_principal(const Names& names, const Fqdn& host) {
  return {{names.service, host.str()}, names.realm, 1};
}

bool holds(const KeyFiles& keys, const Principal& principal) {
  const auto is_it = [&](const keytab::Entry& entry) { return entry.principal == principal; };
  return std::ranges::any_of(keys.lists, [&](const auto& list) { return std::ranges::any_of(list, is_it); });
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

/// "a.keytab holds x@R, y@R and 4 more".
std::string held_instead(const KeyFiles& keys) {
  std::vector<std::string> names;
  for (const auto& list : keys.lists) {
    for (const keytab::Entry& entry : list) names.push_back(entry.principal.printable());
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const std::size_t more = names.size() > kShown ? names.size() - kShown : 0;
  names.resize(names.size() - more);
  return joined(keys.files) + (keys.files.size() == 1 ? " holds " : " hold ") +
         (names.empty() ? "no entry" : joined(names)) + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

Error lacks(const Names& names, const Fqdn& host, const KeyFiles& keys) {
  const Principal wanted = service_principal(names, host);
  const auto folded = [&](const Principal& principal) {
    return host_of(principal) == host.str() && lower(principal.components[0]) == lower(names.service);
  };
  std::string hint;
  for (const auto& list : keys.lists) {
    for (const keytab::Entry& entry : list) {
      if (!folded(entry.principal)) continue;
      hint = entry.principal.realm == names.realm ? "; case counts: create the principal in lower case"
                                                  : "; the realm is another one: is --realm right?";
    }
  }
  if (hint.empty()) hint = "; export that principal (keytool plan --kadmin-script prints how)";
  return {Errc::not_found, "no key of " + wanted.printable() + ": " + held_instead(keys) + hint};
}

Error foreign(const keytab::Entry& entry, const std::string& file) {
  return {Errc::conflict, file + " holds " + entry.principal.printable() +
                              ", another host's key: export this host's own, or take that one out with "
                              "keytool write --remove --principal '" +
                              entry.principal.printable() + "'"};
}

void note_once(std::vector<std::string>& notes, std::string note) {
  if (std::ranges::find(notes, note) == notes.end()) notes.push_back(std::move(note));
}

}  // namespace

Result<Selection> select_keys(const Names& names, const Fqdn& host, bool coordinator, const KeyFiles& own,
                              const KeyFiles& proxy) {
  Selection out;
  const bool is_proxy = host == names.proxy;
  for (std::size_t file = 0; file < own.files.size(); ++file) {
    std::vector<keytab::Entry> kept;
    for (const keytab::Entry& entry : own.lists[file]) {
      const std::string named = host_of(entry.principal);
      if (named == names.proxy.str() && !is_proxy && !coordinator) {
        note_once(out.left_out,
                  entry.principal.printable() + " of " + own.files[file] + ": only coordinators need the proxy's key");
      } else if (named != host.str() && named != names.proxy.str() && names.hosts.contains(named)) {
        return foreign(entry, own.files[file]);
      } else {
        kept.push_back(entry.copy());
      }
    }
    out.keys.files.push_back(own.files[file]);
    out.keys.lists.push_back(std::move(kept));
  }
  if (!holds(own, service_principal(names, host))) return lacks(names, host, own);
  for (std::size_t file = 0; coordinator && file < proxy.files.size(); ++file) {
    auto& list = out.keys.lists.emplace_back();
    for (const keytab::Entry& entry : proxy.lists[file]) list.push_back(entry.copy());
    out.keys.files.push_back(proxy.files[file]);
  }
  return out;
}

Result<std::vector<std::string>> keep_proxy_keys(const Names& names, KeyFiles& proxy) {
  if (!holds(proxy, service_principal(names, names.proxy))) return lacks(names, names.proxy, proxy);
  std::vector<std::string> left_out;
  for (std::size_t file = 0; file < proxy.files.size(); ++file) {
    std::erase_if(proxy.lists[file], [&](const keytab::Entry& entry) {
      if (host_of(entry.principal) == names.proxy.str()) return false;
      note_once(left_out, entry.principal.printable() + " of " + proxy.files[file] + ": not the proxy's");
      return true;
    });
  }
  return left_out;
}

Result<std::vector<keytab::Entry>> merge_keys(const KeyFiles& keys, const keytab::MergeOptions& options) {
  keytab::Merged merged = keytab::merge(keys.lists, options);
  if (!merged.refused) return std::move(merged.entries);
  const keytab::Clash& clash = merged.clashes.front();
  const keytab::Entry& first = keys.lists[clash.first_input][clash.first_entry];
  const keytab::Entry& second = keys.lists[clash.second_input][clash.second_entry];
  const std::size_t more = merged.clashes.size() - 1;
  return Error(Errc::conflict, "conflict: " + keytab::slot_text(first) + ": " + keys.files[clash.first_input] +
                                   " byte " + std::to_string(first.offset) + " and " + keys.files[clash.second_input] +
                                   " byte " + std::to_string(second.offset) + " hold different keys" +
                                   (more > 0 ? " (and " + counted(more, "more conflict") + ")" : "") +
                                   "; remove the stale file, or say with --prefer first or --prefer last which stays");
}

}  // namespace kerbgate::plan
