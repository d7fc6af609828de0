#include "support/proxy.hpp"

#include <signal.h>

#include <regex>
#include <stdexcept>

#include "support/socket.hpp"

namespace kerbgate::e2e {

Proxy::Proxy(std::string program, const TempDir& dir, const Environment& environment, const std::string& text)
    : file_(dir / "proxy.cfg") {
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    ports_.clear();
    write(text);
    process_ = std::make_unique<Process>(std::vector<std::string>{program, "-f", file_}, environment);
    try {
      for (const auto& [name, port] : ports_) wait_listening(port);
      return;
    } catch (const std::runtime_error&) {
      const bool taken = process_->all().find("already in use") != std::string::npos;
      if (!taken || attempt == kAttempts) throw;
    }
  }
}

void Proxy::write(const std::string& text) {
  static const std::regex kPort("@([a-z_0-9]+)@");
  std::string filled;
  auto rest = text.cbegin();
  for (std::smatch match; std::regex_search(rest, text.cend(), match, kPort); rest = match[0].second) {
    const auto [port, fresh] = ports_.try_emplace(match[1]);
    if (fresh) port->second = free_port();
    filled += match.prefix().str() + std::to_string(port->second);
  }
  write_file(file_, filled.append(rest, text.cend()));
}

void Proxy::reload(const std::string& text) {
  write(text);
  process_->signal(SIGHUP);
}

/// The kernel tells nobody that a port is open now: the table of sockets is looked at, after each line of output or a
/// short while.
void Proxy::wait_listening(std::uint16_t port, bool listening) {
  constexpr std::chrono::milliseconds kLook{5};
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (std::size_t seen = 0; is_listening(port) != listening; seen = process_->wait_for_news(seen, kLook)) {
    if (listening && !process_->running())
      throw std::runtime_error("the proxy ended with " + std::to_string(process_->wait()) + ":\n" + process_->all());
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("port " + std::to_string(port) + " does not change; the proxy said:\n" +
                               process_->all());
  }
}

}  // namespace kerbgate::e2e
