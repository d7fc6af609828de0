#include "support/cluster.hpp"

#include <filesystem>

namespace kerbgate::e2e {

Cluster::Cluster(std::string programs, int coordinators, Realm::Options options)
    : programs_(std::move(programs)), names_(dir_) {
  names_.add(kProxy);
  realm_ = std::make_unique<Realm>(dir_, std::move(options));
  realm_->add_user("alice");
  realm_->add_service(kProxyPrincipal);
  for (int n = 1; n <= coordinators; ++n) {
    names_.add(host(n));
    realm_->add_service(principal(n));
    merge_keytab(n);
    write_file(flagfile(n), "-principal=" + kProxyPrincipal + "@" + realm_->name() + "\n-be_principal=" + principal(n) +
                                "@" + realm_->name() + "\n-keytab_file=" + keytab(n) + "\n");
    start(n);
  }
}

Environment Cluster::environment() const { return names_.environment() + realm_->environment(); }
std::string Cluster::keytab(int n) const { return dir_ / (host(n) + ".keytab"); }
std::string Cluster::flagfile(int n) const { return dir_ / (host(n) + ".flags"); }
std::string Cluster::address(int n) const { return host(n) + ":" + std::to_string(port(n)); }

void Cluster::merge_keytab(int n) {
  const std::string fresh = keytab(n) + ".merging";
  realm_->export_keytab({principal(n), kProxyPrincipal}, fresh);
  std::filesystem::rename(fresh, keytab(n));
}

Process& Cluster::start(int n, const std::vector<std::string>& options) {
  Coordinator& slot = coordinators_[n];
  slot.process.reset();
  std::vector<std::string> command{programs_ + "/coordinator",
                                   "--listen",
                                   names_.address(host(n)) + ":" + std::to_string(slot.port),
                                   "--flagfile",
                                   flagfile(n),
                                   "--name",
                                   "coordinator-" + std::to_string(n)};
  command.insert(command.end(), options.begin(), options.end());
  slot.process = std::make_unique<Process>(std::move(command), environment());
  const std::string line = slot.process->wait_for_line("^listening ");
  slot.port = static_cast<std::uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
  return *slot.process;
}

void Cluster::stop(int n) { coordinators_.at(n).process.reset(); }

Environment Cluster::as_alice() { return environment() + realm_->login("alice"); }

Outcome Cluster::shell(std::vector<std::string> options) {
  options.insert(options.begin(), programs_ + "/shell");
  return run(std::move(options), as_alice());
}

std::unique_ptr<Process> Cluster::open_shell(std::vector<std::string> options) {
  options.insert(options.begin(), {programs_ + "/shell", "--query", "-"});
  return std::make_unique<Process>(std::move(options), as_alice());
}

}  // namespace kerbgate::e2e
