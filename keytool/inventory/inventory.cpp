#include "kerbgate/inventory.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "inventory/inventory_file.hpp"
#include "kerbgate/nearest.hpp"

namespace kerbgate {
namespace {

constexpr std::pair<std::string_view, Role> kRoleGroups[] = {
    {"coordinators", Role::coordinator}, {"impalad", Role::coordinator}, {"executors", Role::executor},
    {"statestored", Role::statestored},  {"catalogd", Role::catalogd},   {"admissiond", Role::admissiond},
};
constexpr int kDeepest = 100;

std::optional<Role> role_of(std::string_view group) {
  for (const auto& [name, role] : kRoleGroups) {
    if (name == group) return role;
  }
  return std::nullopt;
}

/// The groups as a graph: who is in which, and which settings are nearer to a host.
class Resolution {
 public:
  Resolution(const InventoryFile& file, const std::string& name)
      : file_(file), name_(name), roles_(file.hosts.size()), settings_(file.hosts.size()) {}

  Result<Inventory> run() {
    if (auto measured = measure(); !measured) return measured.error();
    give_roles();
    give_settings();
    Inventory inventory;
    for (std::size_t i = 0; i < file_.hosts.size(); ++i) {
      if (roles_[i].empty()) continue;
      auto host = resolved(i);
      if (!host) return host.error();
      inventory.hosts.push_back(std::move(*host));
    }
    if (inventory.hosts.empty()) {
      return Error(Errc::invalid, name_ +
                                      ": names no host in [coordinators], [executors], [statestored], [catalogd] or "
                                      "[admissiond]" +
                                      first_hint());
    }
    inventory.notes = notes();
    return inventory;
  }

 private:
  struct Setting {
    std::optional<InventoryVariable> keytab, port;
  };

  Error at(std::size_t line, const std::string& what) const {
    return {Errc::invalid, name_ + ":" + std::to_string(line) + ": " + what};
  }

  const InventoryGroup& group(const std::string& name) const { return file_.groups.at(name); }

  /// Every group's depth below [all], the longest way: what Ansible sorts by.
  Result<void> measure() {
    for (const auto& [name, group] : file_.groups) {
      for (const auto& [child, ignored] : group.children) parents_[child].push_back(name);
    }
    for (const auto& [name, ignored] : file_.groups) {
      if (depth_of(name, 0) > kDeepest) {
        return at(group(name).line, "group [" + name + "] is its own descendant, or nested more than 100 deep");
      }
    }
    return {};
  }

  int depth_of(const std::string& name, int steps) {
    if (steps > kDeepest) return steps;
    if (const auto known = depth_.find(name); known != depth_.end()) return known->second;
    int depth = name == "all" ? 0 : 1;
    for (const std::string& parent : parents_[name]) depth = std::max(depth, depth_of(parent, steps + 1) + 1);
    return depth_[name] = depth;
  }

  /// Each host of the group and of its children, once. `own`: not of children that give a role themselves.
  std::vector<std::size_t> members(const std::string& name, bool own = false) const {
    std::vector<std::string> open{name};
    std::map<std::string, bool> seen{{name, true}};
    std::vector<std::size_t> hosts;
    while (!open.empty()) {
      const InventoryGroup& next = group(open.back());
      open.pop_back();
      hosts.insert(hosts.end(), next.hosts.begin(), next.hosts.end());
      for (const auto& [child, ignored] : next.children) {
        if (own && role_of(child)) continue;
        if (seen.emplace(child, true).second) open.push_back(child);
      }
    }
    std::sort(hosts.begin(), hosts.end());
    hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
    return hosts;
  }

  [[nodiscard]] bool is_plain_list() const {
    return std::all_of(file_.groups.begin(), file_.groups.end(),
                       [](const auto& entry) { return entry.first == "all" || entry.first == "ungrouped"; });
  }

  void give_roles() {
    for (const auto& [name, ignored] : file_.groups) {
      const auto role = is_plain_list() ? std::optional(Role::coordinator) : role_of(name);
      if (!role) continue;
      // [impalad:children] with coordinators and executors in it is a heading over both.
      for (const std::size_t host : members(name, name == "impalad")) roles_[host].push_back(*role);
    }
    for (auto& roles : roles_) {
      std::sort(roles.begin(), roles.end());
      roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
    }
  }

  static void apply(const InventoryVariables& variables, Setting& setting) {
    if (const auto found = variables.find("keytab"); found != variables.end()) setting.keytab = found->second;
    if (const auto found = variables.find("port"); found != variables.end()) setting.port = found->second;
  }

  /// From far to near: all, groups by depth and then by name, the host's own line.
  void give_settings() {
    std::vector<std::pair<int, std::string>> order;
    for (const auto& [name, ignored] : file_.groups) order.emplace_back(depth_.at(name), name);
    std::sort(order.begin(), order.end());
    for (const auto& [ignored, name] : order) {
      const InventoryVariables& variables = group(name).variables;
      if (variables.count("keytab") + variables.count("port") == 0) continue;
      if (name == "all") {
        for (Setting& setting : settings_) apply(variables, setting);
      } else {
        for (const std::size_t host : members(name)) apply(variables, settings_[host]);
      }
    }
    for (std::size_t i = 0; i < file_.hosts.size(); ++i) apply(file_.hosts[i].variables, settings_[i]);
  }

  Result<InventoryHost> resolved(std::size_t i) const {
    const InventoryFile::Host& written = file_.hosts[i];
    const auto name = literal_host(written.name);
    if (!name) return at(written.line, name.error().what);
    InventoryHost host{*name, roles_[i], "", 0, written.line};
    if (const auto& keytab = settings_[i].keytab) host.keytab = keytab->value;
    if (const auto& port = settings_[i].port) {
      const std::string& text = port->value;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), host.port);
      if (error != std::errc() || end != text.data() + text.size() || host.port == 0) {
        return at(port->line, "port=" + text + " is not a number from 1 to 65535");
      }
    }
    return host;
  }

  /// A group that is not ours and sounds like one.
  std::vector<std::string> notes() const {
    std::vector<std::string> said;
    std::vector<std::string_view> names;
    for (const auto& [name, ignored] : kRoleGroups) names.push_back(name);
    for (const auto& [name, group] : file_.groups) {
      const auto idle =
          std::find_if(group.hosts.begin(), group.hosts.end(), [&](auto host) { return roles_[host].empty(); });
      if (idle == group.hosts.end()) continue;
      if (name == "ungrouped") {
        said.push_back(name_ + ":" + std::to_string(file_.hosts[*idle].line) +
                       ": hosts before the first group have no role beside groups and are left aside; put coordinators "
                       "under [coordinators]");
      } else if (const auto hint = did_you_mean(name, names); !hint.empty()) {
        said.push_back(name_ + ":" + std::to_string(group.line) + ": group [" + name + "] is left aside" + hint);
      }
    }
    return said;
  }

  std::string first_hint() const {
    const auto said = notes();
    return said.empty() ? std::string() : " (" + said.front() + ")";
  }

  const InventoryFile& file_;
  const std::string& name_;
  std::map<std::string, std::vector<std::string>> parents_;
  std::map<std::string, int> depth_;
  std::vector<std::vector<Role>> roles_;
  std::vector<Setting> settings_;
};

/// The same host in other letters or with a trailing dot would be two hosts with halves of the truth.
Result<void> check_spellings(const Inventory& inventory, const std::string& file) {
  std::map<std::string, std::size_t> seen;
  for (const auto& host : inventory.hosts) {
    const auto [first, added] = seen.emplace(host.name.str(), host.line);
    if (!added) {
      return Error(Errc::invalid, file + ":" + std::to_string(host.line) + ": " + host.name.str() +
                                      " is spelled another way than in line " + std::to_string(first->second) +
                                      "; Ansible takes them for two hosts: write them alike");
    }
  }
  return {};
}

}  // namespace

Result<Inventory> parse_inventory(std::string_view text, const std::string& file) {
  const auto read = read_inventory_file(text, file);
  if (!read) return read.error();
  auto inventory = Resolution(*read, file).run();
  if (!inventory) return inventory;
  if (auto checked = check_spellings(*inventory, file); !checked) return checked.error();
  return inventory;
}

}  // namespace kerbgate
