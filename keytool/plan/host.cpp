#include "plan/host.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "keytab/file.hpp"
#include "plan/sources.hpp"
#include "settings/flags_format.hpp"
#include "text_file.hpp"

namespace kerbgate::plan {
namespace {

namespace fs = std::filesystem;

struct Flagfile {
  std::string name, content;
};

/// Everything that a host shall have.
struct Wanted {
  std::string keytab_name;
  std::vector<keytab::Entry> entries;
  std::vector<Flagfile> flagfiles;
};

/// The flagfiles, as `keytool flags --out` writes them.
Result<std::vector<Flagfile>> wanted_flags(const KerberosSetup& setup, const InventoryHost& host, HostPlan& plan) {
  std::vector<Flagfile> out;
  for (const Role role : daemons(host.roles)) {
    const auto flags = daemon_flags(setup, host.name, role);
    if (!flags) return flags.error();
    const auto content = render(*flags, FlagsFormat::flagfile, {});
    if (!content) return content.error();
    out.push_back({flagfile_name(role), *content});
    plan.flagfiles.push_back(out.back().name);
    plan.warnings.insert(plan.warnings.end(), flags->warnings.begin(), flags->warnings.end());
  }
  return out;
}

Result<std::string> file_name(const std::string& path, const std::vector<Flagfile>& flagfiles) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name.empty() || name == "." || name == "..") {
    return Error(Errc::invalid, "keytab path '" + path + "' names a directory: give the file");
  }
  if (std::ranges::find(flagfiles, name, &Flagfile::name) == flagfiles.end()) return name;
  return Error(Errc::invalid, "keytab path '" + path + "' has the name of a flagfile: choose another");
}

Result<std::vector<keytab::Entry>> wanted_entries(const Shared& shared, const InventoryHost& host, HostPlan& plan) {
  const bool coordinator = std::ranges::find(host.roles, Role::coordinator) != host.roles.end();
  const std::string label = first_label(host.name);
  auto files = host_keytabs(shared.keytabs, host.name, shared.short_names.contains(label) ? label : std::string());
  if (!files) {
    Error error = files.error();
    if (error.is(Errc::not_found)) error.what += "; export it there (keytool plan --kadmin-script prints how)";
    return error;
  }
  plan.sources = *files;
  auto lists = read_keytabs(*files);
  if (!lists) return lists.error();
  const KeyFiles own{std::move(*files), std::move(*lists)};
  auto selection = select_keys(shared.names, host.name, coordinator, own, shared.proxy);
  if (!selection) return selection.error();
  if (coordinator && shared.proxy_missing) {
    return Error(shared.proxy_missing->code, "a coordinator needs the proxy's key, and there is none to give");
  }
  plan.left_out = std::move(selection->left_out);
  return merge_keys(selection->keys, shared.merge);
}

Result<Wanted> wanted_of(const Shared& shared, const InventoryHost& host, HostPlan& plan) {
  KerberosSetup setup = shared.kerberos;
  if (!host.keytab.empty()) setup.keytab = host.keytab;
  Wanted wanted;
  auto flagfiles = wanted_flags(setup, host, plan);
  if (!flagfiles) return flagfiles.error();
  wanted.flagfiles = std::move(*flagfiles);
  auto name = file_name(setup.keytab, wanted.flagfiles);
  if (!name) return name.error();
  wanted.keytab_name = std::move(*name);
  auto entries = wanted_entries(shared, host, plan);
  if (!entries) return entries.error();
  wanted.entries = std::move(*entries);
  return wanted;
}

/// OUT is written by name: a link in it would let a plan write anywhere.
Result<bool> is_there(const std::string& path, mode_t kind) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return false;
    return system_error(errno, "look at " + path);
  }
  if ((status.st_mode & S_IFMT) == kind) return true;
  return Error(Errc::io, path + " is a " + (S_ISLNK(status.st_mode) ? "symbolic link" : "thing of another kind") +
                             " where a plan writes a " + (kind == S_IFDIR ? "directory" : "file") + "; move it away");
}

/// How the old keytab's mode and owner differ from what is asked; empty: they do not.
std::string dress_change(const std::string& path, const Shared& shared) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  const auto octal = [](unsigned mode) {
    char text[16];
    std::snprintf(text, sizeof text, "%04o", mode);
    return std::string(text);
  };
  const unsigned mode = status.st_mode & 07777;
  std::string out;
  if (shared.write.mode && *shared.write.mode != mode)
    out = "mode " + octal(mode) + ", not " + octal(*shared.write.mode);
  if (shared.owner.user && *shared.owner.user != status.st_uid)
    out += (out.empty() ? "" : ", ") + ("uid " + std::to_string(status.st_uid));
  if (shared.owner.group && *shared.owner.group != status.st_gid)
    out += (out.empty() ? "" : ", ") + ("gid " + std::to_string(status.st_gid));
  return out;
}

Result<void> compare_keytab(const Shared& shared, const std::vector<keytab::Entry>& entries, HostPlan& plan) {
  const auto there = is_there(plan.keytab, S_IFREG);
  if (!there) return there.error();
  std::vector<keytab::Entry> before;
  bool sound = false;
  if (*there) {
    const auto contents = keytab::read_bytes(plan.keytab);
    if (!contents) return contents.error();
    // What is no keytab write_file() refuses to replace; an empty file it takes for none.
    if (auto scan = keytab::scan(contents->bytes.bytes())) {
      sound = scan->sound();
      before = std::move(scan->entries);
    }
    plan.dress_change = dress_change(plan.keytab, shared);
  }
  plan.key_changes = key_changes(before, entries);
  plan.keytab_changed =
      !plan.key_changes.empty() || !plan.dress_change.empty() || !sound || before.size() != entries.size();
  return {};
}

Result<void> compare_flags(const std::string& directory, const std::vector<Flagfile>& flagfiles, HostPlan& plan) {
  for (const Flagfile& flagfile : flagfiles) {
    const std::string path = directory + "/" + flagfile.name;
    const auto there = is_there(path, S_IFREG);
    if (!there) return there.error();
    const auto before = *there ? read_text(path) : Result<std::string>(std::string());
    if (!before) return before.error();
    if (!*there || *before != flagfile.content) plan.new_flags.push_back(flagfile.name);
  }
  return {};
}

/// Files that only a plan gives such names: a daemon that the host no longer runs, a keytab of another name.
std::vector<std::string> left_over(const std::string& directory, const HostPlan& plan) {
  std::vector<std::string> out;
  std::error_code code;
  for (fs::directory_iterator item(directory, code), end; !code && item != end; item.increment(code)) {
    const std::string name = item->path().filename();
    const bool flags = name.ends_with("_flags") && std::ranges::find(plan.flagfiles, name) == plan.flagfiles.end();
    const bool keys = name.ends_with(".keytab") && !name.starts_with('.') && item->path() != fs::path(plan.keytab);
    if (flags || keys) out.push_back(name);
  }
  std::ranges::sort(out);
  return out;
}

Result<void> write_changes(const Shared& shared, const std::string& directory, const Wanted& wanted,
                           const HostPlan& plan) {
  // Nobody else has to look into a directory of keys.
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return system_error(errno, "make directory " + directory);
  if (plan.keytab_changed) {
    if (auto written = keytab::write_file(plan.keytab, wanted.entries, shared.write); !written) return written;
  }
  for (const Flagfile& flagfile : wanted.flagfiles) {
    if (std::ranges::find(plan.new_flags, flagfile.name) == plan.new_flags.end()) continue;
    if (auto written = replace_text(directory + "/" + flagfile.name, flagfile.content); !written) return written;
  }
  return {};
}

Result<State> carry_out(const Shared& shared, const InventoryHost& host, HostPlan& plan) {
  const std::string directory = shared.out + "/" + plan.host;
  const auto earlier = is_there(directory, S_IFDIR);
  if (!earlier) return earlier.error();
  plan.has_earlier_plan = *earlier;
  const auto wanted = wanted_of(shared, host, plan);
  if (!wanted) return wanted.error();
  plan.keytab = directory + "/" + wanted->keytab_name;
  plan.entries = wanted->entries.size();
  if (auto compared = compare_keytab(shared, wanted->entries, plan); !compared) return compared.error();
  if (auto compared = compare_flags(directory, wanted->flagfiles, plan); !compared) return compared.error();
  if (plan.has_earlier_plan) plan.left_over = left_over(directory, plan);
  if (!plan.keytab_changed && plan.new_flags.empty()) return State::unchanged;
  if (!shared.dry_run) {
    if (auto written = write_changes(shared, directory, *wanted, plan); !written) return written.error();
  }
  return plan.has_earlier_plan ? State::changed : State::created;
}

}  // namespace

Shared::Shared(KerberosSetup setup)
    : kerberos(std::move(setup)), names{kerberos.service, kerberos.realm, *kerberos.proxy, {}} {}

HostPlan plan_host(const Shared& shared, const InventoryHost& host) {
  HostPlan plan;
  plan.host = host.name.str();
  const auto done = carry_out(shared, host, plan);
  if (done) {
    plan.state = *done;
  } else {
    plan.error = done.error();
  }
  return plan;
}

Result<std::vector<std::string>> hosts_left_over(const Shared& shared) {
  std::vector<std::string> out;
  std::error_code code;
  fs::directory_iterator item(shared.out, code), end;
  if (code == std::errc::no_such_file_or_directory) return out;
  for (; !code && item != end; item.increment(code)) {
    const std::string name = item->path().filename();
    const auto host = Fqdn::parse(name);
    std::error_code unknown;
    const bool of_a_plan = host && host->str() == name && item->is_directory(unknown);
    if (of_a_plan && !shared.names.hosts.contains(name)) out.push_back(name);
  }
  if (code) return system_error(code.value(), "list " + shared.out);
  std::ranges::sort(out);
  return out;
}

}  // namespace kerbgate::plan
