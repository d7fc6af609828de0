#include "rotate/keytab_files.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <set>

#include "kerbgate/printable.hpp"
#include "text_file.hpp"

namespace kerbgate::rotate {
namespace {

namespace fs = std::filesystem;

constexpr std::array kStops{SIGINT, SIGTERM, SIGHUP};

/// What is in a folder, by name.
Result<std::vector<fs::path>> content(const fs::path& folder) {
  std::error_code problem;
  std::vector<fs::path> out;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem))
    out.push_back(it->path());
  if (problem) return system_error(problem.value(), "read folder " + printable(folder.string()));
  std::ranges::sort(out);
  return out;
}

struct Place {
  std::string path, host;
};

Result<void> find_in(const fs::path& folder, const std::string& host, std::vector<Place>& out) {
  const auto inside = content(folder);
  if (!inside) return inside.error();
  std::error_code ignored;
  for (const fs::path& path : *inside) {
    if (path.extension() == ".keytab" && !fs::is_directory(path, ignored)) {
      out.push_back({path.string(), host});
    } else if (host.empty() && fs::is_directory(path, ignored)) {
      if (auto found = find_in(path, path.filename().string(), out); !found) return found;
    }
  }
  return {};
}

Result<HostKeytab> read_one(const Place& place) {
  auto scan = keytab::read_regular(place.path);
  if (!scan) return std::move(scan).error();
  for (const keytab::Damage& damage : scan->damage) {
    if (!damage.fatal) continue;
    return Error(Errc::damaged, printable(place.path) + ": damaged at byte " + std::to_string(damage.offset) + ": " +
                                    damage.reason +
                                    "; nothing was changed. keytool read tells all that is wrong with it");
  }
  return HostKeytab{place.host.empty() ? place.path : place.host, place.host, place.path, std::move(scan->entries),
                    scan->state};
}

/// A host with several keytabs is told apart by their names.
void name_apart(std::vector<HostKeytab>& keytabs) {
  for (HostKeytab& one : keytabs) {
    if (one.host.empty()) continue;
    const auto same = std::ranges::count(keytabs, one.host, &HostKeytab::host);
    if (same > 1) one.place = one.host + '/' + fs::path(one.path).filename().string();
  }
}

Result<void> replace(HostKeytab& keytab, std::vector<keytab::Entry> entries) {
  keytab::WriteOptions options;
  options.unchanged_since = keytab.state;
  if (auto written = keytab::write_file(keytab.path, entries, options); !written) return written;
  keytab.entries = std::move(entries);
  return {};
}

}  // namespace

Result<std::vector<HostKeytab>> read_keytabs(const std::string& directory, const std::vector<std::string>& files) {
  std::vector<Place> places;
  if (!directory.empty()) {
    if (auto found = find_in(directory, "", places); !found) return found.error();
    if (places.empty()) {
      return Error(Errc::not_found, printable(directory) +
                                        ": no DIR/HOST/*.keytab and no DIR/*.keytab there; keytool "
                                        "plan --out makes such a folder");
    }
  }
  for (const std::string& file : files) places.push_back({file, ""});
  std::vector<HostKeytab> out;
  std::set<fs::path> seen;
  for (const Place& place : places) {
    std::error_code ignored;
    const fs::path real = fs::weakly_canonical(place.path, ignored);
    if (!seen.insert(real.empty() ? fs::path(place.path) : real).second) continue;
    auto one = read_one(place);
    if (!one) return std::move(one).error();
    out.push_back(std::move(*one));
  }
  name_apart(out);
  return out;
}

Result<std::vector<Flagfile>> read_flagfiles(const HostKeytab& keytab) {
  constexpr std::string_view kEnd = "_flags";
  std::vector<Flagfile> out;
  if (keytab.host.empty()) return out;
  const auto inside = content(fs::path(keytab.path).parent_path());
  if (!inside) return inside.error();
  for (const fs::path& path : *inside) {
    const std::string name = path.filename().string();
    if (!name.ends_with(kEnd)) continue;
    auto text = read_text(path.string());
    if (!text) return std::move(text).error();
    out.push_back({path.string(), name.substr(0, name.size() - kEnd.size()), std::move(*text)});
  }
  return out;
}

Result<void> add_keys(HostKeytab& keytab, const std::vector<keytab::Entry>& keys) {
  std::vector<keytab::Entry> entries;
  for (const keytab::Entry& entry : keytab.entries) entries.push_back(entry.copy());
  for (const keytab::Entry& key : keys) entries.push_back(key.copy());
  return replace(keytab, std::move(entries));
}

Result<void> drop_older(HostKeytab& keytab, const Principal& principal, std::uint32_t keep) {
  std::vector<keytab::Entry> entries;
  for (const keytab::Entry& entry : keytab.entries) {
    if (entry.kvno >= keep || !(entry.principal == principal)) entries.push_back(entry.copy());
  }
  return replace(keytab, std::move(entries));
}

StopsHeld::StopsHeld() {
  sigset_t now, before;
  sigemptyset(&now);
  for (const int signal : kStops) sigaddset(&now, signal);
  pthread_sigmask(SIG_BLOCK, &now, &before);
  for (const int signal : kStops) {
    if (sigismember(&before, signal) == 0) held_.push_back(signal);
  }
}

StopsHeld::~StopsHeld() {
  sigset_t free;
  sigemptyset(&free);
  for (const int signal : held_) sigaddset(&free, signal);
  pthread_sigmask(SIG_UNBLOCK, &free, nullptr);
}

bool StopsHeld::stopped() {
  sigset_t waiting;
  if (sigpending(&waiting) != 0) return false;
  return std::ranges::any_of(kStops, [&](int signal) { return sigismember(&waiting, signal) == 1; });
}

}  // namespace kerbgate::rotate
