#include "support/dnsmasq.hpp"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <stdexcept>

#include "support/socket.hpp"

namespace kerbgate::e2e {

bool Dnsmasq::installed() { return ::access(kProgram, X_OK) == 0; }

Dnsmasq::Dnsmasq(const TempDir& dir, const std::string& hosts, std::vector<std::string> options)
    : file_(dir / "dns.hosts") {
  write(hosts);
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    port_ = free_port();
    try {
      start(options);
      return;
    } catch (const std::runtime_error&) {
      if (attempt == kAttempts || process_->all().find("Address already in use") == std::string::npos) throw;
    }
  }
}

void Dnsmasq::start(const std::vector<std::string>& options) {
  const passwd* const self = ::getpwuid(::geteuid());
  std::vector<std::string> argv{kProgram,
                                "--keep-in-foreground",
                                "--conf-file=/dev/null",
                                "--log-facility=-",
                                "--pid-file=",
                                "--user=" + std::string(self != nullptr ? self->pw_name : "root"),
                                "--port=" + std::to_string(port_),
                                "--listen-address=127.0.0.1",
                                "--bind-interfaces",
                                "--no-resolv",
                                "--no-hosts",
                                "--local=/test/",
                                "--addn-hosts=" + file_};
  argv.insert(argv.end(), options.begin(), options.end());
  process_.reset();
  process_ = std::make_unique<Process>(argv, Environment{});
  process_->wait_for_line("read .*dns.hosts");
}

void Dnsmasq::restart(std::vector<std::string> options) { start(options); }

void Dnsmasq::write(const std::string& hosts) const { write_file(file_, hosts); }

void Dnsmasq::set(const std::string& hosts) {
  write(hosts);
  process_->signal(SIGHUP);
  process_->wait_for_line("read .*dns.hosts");
}

}  // namespace kerbgate::e2e
