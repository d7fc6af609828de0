#include <poll.h>
#include <sys/mman.h>

#include <cstdio>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

#include "coordinator/flagfile.hpp"
#include "coordinator/hs2_service.hpp"
#include "coordinator/identity.hpp"
#include "coordinator/options.hpp"
#include "support/sasl.hpp"
#include "support/temp_dir.hpp"

namespace kerbgate::e2e {
namespace {

/// impalad's --sasl_connect_tcp_timeout_ms
constexpr std::chrono::seconds kReadTimeout{300};
constexpr std::chrono::milliseconds kForEver{-1};

void say(const std::string& line) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  std::puts(line.c_str());
  std::fflush(stdout);
}

/// A replay cache of this process alone, as if it were the only one on its host.
std::string private_replay_cache() {
  const int fd = memfd_create("replay-cache", MFD_CLOEXEC);
  if (fd < 0) throw std::runtime_error("memfd_create failed");
  return "file2:/proc/self/fd/" + std::to_string(fd);
}

class Coordinator {
 public:
  Coordinator(CoordinatorOptions options, Identity identity)
      : options_(std::move(options)),
        identity_(std::move(identity)),
        replay_cache_(private_replay_cache()),
        service_(options_.name),
        tls_(options_.tls.certificate.empty() ? nullptr : TlsSide::server(options_.tls)) {}

  void converse(Socket socket) {
    const std::string peer = socket.peer();
    say("connection from " + peer);
    try {
      if (tls_) {
        socket.secure(tls_);
        say("TLS from " + peer + ' ' + socket.tls()->peer_subject());
      }
      const std::string user = log_in(socket);
      say("login " + user + " from " + peer);
      serve(socket, user);
    } catch (const EndOfStream&) {
      say("closed by " + peer);
    } catch (const std::exception& error) {
      say("failed from " + peer + ": " + error.what());
    }
  }

 private:
  std::string log_in(Socket& socket) {
    if (options_.delay_ms > 0) poll(nullptr, 0, options_.delay_ms);
    try {
      gss::Acceptor acceptor(identity_.service, identity_.host, identity_.keytab, replay_cache_);
      return sasl::accept(socket, acceptor);
    } catch (const gss::Failure& failure) {
      if (options_.bad_frame) sasl::send(socket, sasl::Status::bad, failure.what());
      throw;
    }
  }

  void serve(Socket& socket, const std::string& user) {
    thrift::Connection connection(socket);
    for (;;) {
      const thrift::Message call = connection.receive();
      if (options_.busy) continue;
      const auto answer = service_.answer(call, user);
      connection.send(answer.kind, call.method, call.sequence, answer.body);
    }
  }

  const CoordinatorOptions options_;
  const Identity identity_;
  const std::string replay_cache_;
  Hs2Service service_;
  const std::shared_ptr<TlsSide> tls_;
};

void misbehave(Socket socket, Manner manner) {
  say("connection from " + socket.peer());
  if (manner == Manner::reset_at_once) return socket.reset();
  if (manner == Manner::close_at_once) return socket.close();
  while (!socket.read_some().empty()) continue;
}

int run_coordinator(int argc, char** argv) {
  const CoordinatorOptions options = parse_options(argc, argv);
  Identity identity;
  if (options.manner == Manner::serve) {
    identity = identity_of(read_flagfile(read_file(options.flagfile), "impalad"));
    gss::login_from_keytab(identity.internal, identity.keytab);
    say("Kerberos ticket granted to " + identity.internal + ", accepting for " + identity.external);
  }
  Coordinator coordinator(options, identity);
  Listener listener(options.host, options.port);
  say("listening " + listener.local());
  for (;;) {
    Socket socket = listener.accept(kForEver, kReadTimeout);
    std::thread([&coordinator, &options, socket = std::move(socket)]() mutable {
      if (options.manner == Manner::serve) return coordinator.converse(std::move(socket));
      try {
        misbehave(std::move(socket), options.manner);
      } catch (const std::exception& error) {
        say(error.what());
      }
    }).detach();
  }
}

}  // namespace
}  // namespace kerbgate::e2e

int main(int argc, char** argv) {
  try {
    return kerbgate::e2e::run_coordinator(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "coordinator: %s\n", error.what());
    return 1;
  }
}
