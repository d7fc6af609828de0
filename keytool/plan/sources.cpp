#include "plan/sources.hpp"

#include <algorithm>
#include <filesystem>

namespace kerbgate::plan {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".keytab";

/// Adds `path` when it is there.
Result<void> add_file(const std::string& path, std::vector<std::string>& files) {
  std::error_code code;
  const auto status = fs::status(path, code);
  if (status.type() == fs::file_type::not_found) return {};
  if (code) return system_error(code.value(), "look at " + path);
  if (status.type() != fs::file_type::regular)
    return Error(Errc::io, path + ": a keytab is a regular file, this is not");
  files.push_back(path);
  return {};
}

Result<void> add_folder(const std::string& folder, std::vector<std::string>& files) {
  std::error_code code;
  if (fs::status(folder, code).type() != fs::file_type::directory) {
    if (code && code != std::errc::no_such_file_or_directory) return system_error(code.value(), "look at " + folder);
    return {};
  }
  const std::size_t before = files.size();
  for (fs::directory_iterator item(folder, code), end; !code && item != end; item.increment(code)) {
    const std::string name = item->path().filename();
    if (name.starts_with('.') || !name.ends_with(kEnding)) continue;
    if (auto added = add_file(item->path(), files); !added) return added;
  }
  if (code) return system_error(code.value(), "list " + folder);
  std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
  return {};
}

/// What keytabs_of() finds, else the one file `otherwise` (empty: none).
Result<std::vector<std::string>> keytabs_or(const std::string& folder, const Fqdn& name, const std::string& otherwise) {
  auto found = keytabs_of(folder, name.str());
  if (!found || !found->empty()) return found;
  const std::string last = folder + "/" + otherwise + std::string(kEnding);
  if (!otherwise.empty()) {
    if (auto added = add_file(last, *found); !added) return added.error();
  }
  if (!found->empty()) return found;
  const std::string base = folder + "/" + name.str();
  return Error(Errc::not_found, "no keytab: looked for " + base + std::string(kEnding) +
                                    (otherwise.empty() ? " and " : ", ") + base + "/*.keytab" +
                                    (otherwise.empty() ? "" : " and " + last));
}

}  // namespace

Result<std::vector<std::string>> keytabs_of(const std::string& folder, const std::string& name) {
  std::vector<std::string> files;
  if (auto added = add_file(folder + "/" + name + std::string(kEnding), files); !added) return added.error();
  if (auto added = add_folder(folder + "/" + name, files); !added) return added.error();
  return files;
}

Result<std::vector<std::string>> host_keytabs(const std::string& folder, const Fqdn& host,
                                              const std::string& short_name) {
  return keytabs_or(folder, host, short_name);
}

Result<std::vector<std::string>> proxy_keytabs(const std::string& folder, const Fqdn& proxy) {
  return keytabs_or(folder, proxy, "proxy");
}

Result<std::vector<std::vector<keytab::Entry>>> read_keytabs(const std::vector<std::string>& files) {
  std::vector<std::vector<keytab::Entry>> lists;
  for (const std::string& file : files) {
    auto scan = keytab::read(file);
    if (!scan) {
      if (scan.error().is(Errc::not_a_keytab)) return Error(Errc::damaged, scan.error().what + "; export it again");
      return scan.error();
    }
    if (!scan->sound()) {
      const std::size_t more = scan->damage.size() - 1;
      return Error(Errc::damaged, file + ": " + keytab::damage_text(scan->damage.front()) +
                                      (more > 0 ? " (and " + std::to_string(more) + " more)" : "") +
                                      "; export it again, or see what is left of it with keytool read");
    }
    lists.push_back(std::move(scan->entries));
  }
  return lists;
}

std::string first_label(const Fqdn& name) { return name.str().substr(0, name.str().find('.')); }

}  // namespace kerbgate::plan
