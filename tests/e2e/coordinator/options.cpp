#include "coordinator/options.hpp"

#include <getopt.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace kerbgate::e2e {
namespace {

constexpr const char* kUsage =
    "coordinator --flagfile FILE [--listen ADDRESS:PORT] [--name NAME] [options]\n"
    "A stand-in for an impalad that coordinates: Kerberos logins by the flagfile's -principal, -be_principal and\n"
    "-keytab_file, then HiveServer2 queries, each with one row: user, coordinator, statement.\n"
    "  --listen ADDRESS:PORT  default 127.0.0.1:0; prints `listening ADDRESS:PORT`\n"
    "  --bad-frame            answer a failed login with BAD and the reason (impalad closes without a word)\n"
    "  --busy                 accept logins and answer no call (all of impalad's service threads in use)\n"
    "  --certificate PEM      speak TLS (impalad's -ssl_server_certificate and -ssl_private_key in one file)\n"
    "  --client-ca PEM        clients need a certificate of this CA (-ssl_client_ca_certificate)\n"
    "  --delay-ms N           wait before a login is read\n"
    "  --accept-then-reset | --accept-then-close | --silent\n";

void listen_at(const std::string& text, CoordinatorOptions& options) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error("--listen " + text + ": ADDRESS:PORT expected");
  options.host = text.substr(0, colon);
  options.port = static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)));
}

}  // namespace

CoordinatorOptions parse_options(int argc, char** argv) {
  static const option kOptions[] = {
      {"listen", required_argument, nullptr, 'l'},
      {"flagfile", required_argument, nullptr, 'f'},
      {"name", required_argument, nullptr, 'n'},
      {"delay-ms", required_argument, nullptr, 'd'},
      {"certificate", required_argument, nullptr, 'p'},
      {"client-ca", required_argument, nullptr, 'a'},
      {"bad-frame", no_argument, nullptr, 'b'},
      {"busy", no_argument, nullptr, 'u'},
      {"accept-then-reset", no_argument, nullptr, 'r'},
      {"accept-then-close", no_argument, nullptr, 'c'},
      {"silent", no_argument, nullptr, 's'},
      {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  };
  CoordinatorOptions options;
  for (int found; (found = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) switch (found) {
      case 'l':
        listen_at(optarg, options);
        break;
      case 'f':
        options.flagfile = optarg;
        break;
      case 'n':
        options.name = optarg;
        break;
      case 'd':
        options.delay_ms = std::stoi(optarg);
        break;
      case 'p':
        options.tls.certificate = optarg;
        break;
      case 'a':
        options.tls.ca = optarg;
        options.tls.require_peer = true;
        break;
      case 'b':
        options.bad_frame = true;
        break;
      case 'u':
        options.busy = true;
        break;
      case 'r':
        options.manner = Manner::reset_at_once;
        break;
      case 'c':
        options.manner = Manner::close_at_once;
        break;
      case 's':
        options.manner = Manner::silent;
        break;
      case 'h':
        std::fputs(kUsage, stdout);
        std::exit(0);
      default:
        throw std::runtime_error("see --help");
    }
  if (options.flagfile.empty() && options.manner == Manner::serve)
    throw std::runtime_error("--flagfile is missing, see --help");
  return options;
}

}  // namespace kerbgate::e2e
