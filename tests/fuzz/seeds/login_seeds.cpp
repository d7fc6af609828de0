// login_seeds DIR: writes the seeds of fuzz_opening, fuzz_ticket and fuzz_reply into folders of these names under DIR.
// tests/fuzz/corpus holds what it wrote.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "unit/proxy/login_bytes.hpp"
#include "unit/proxy/login_captured.hpp"

using namespace kerbgate::login::fixture;

namespace {

struct Seed {
  const char* target;
  const char* name;
  Buffer bytes;
};

/// fuzz_opening's own two: cut in the middle, judged with principals.
Buffer opening(const Buffer& bytes, std::uint8_t policy = 1) { return join({{128, policy}, bytes}); }
Buffer reply(const Buffer& bytes) { return join({{128}, bytes}); }

std::vector<Seed> seeds() {
  const Buffer other_host = kerberos({.components = {"impala", "host1.example.test"}});
  return {
      {"fuzz_opening", "mit", opening(login("GSSAPI", from_hex(kCapturedKerberos)))},
      {"fuzz_opening", "spnego", opening(login("GSSAPI", from_hex(kCapturedSpnego)))},
      {"fuzz_opening", "small", opening(login("GSSAPI", kerberos({.cipher = 1})))},
      {"fuzz_opening", "other-host", opening(login("GSSAPI", other_host))},
      {"fuzz_opening", "other-service",
       opening(login("GSSAPI", kerberos({.components = {"hive", "lb.example.test"}})))},
      {"fuzz_opening", "other-case", opening(login("GSSAPI", kerberos({.components = {"impala", "LB.example.test"}})))},
      {"fuzz_opening", "other-realm", opening(login("GSSAPI", kerberos({.components = {"impala", "b.example.test"}})))},
      {"fuzz_opening", "ntlm", opening(login("GSSAPI", bytes(kNtlmNegotiate)))},
      {"fuzz_opening", "empty", opening(login("GSSAPI", {}))},
      {"fuzz_opening", "complete", opening(login("GSSAPI", other_host, 5), 0)},
      {"fuzz_opening", "plain", opening(login("PLAIN", bytes("\0alice\0secret"sv)), 7)},
      {"fuzz_opening", "plain-refused", opening(login("PLAIN", bytes("\0alice\0secret"sv)), 3)},
      {"fuzz_opening", "huge-mechanism", opening(sasl(1, 0x80000000u, {}))},
      {"fuzz_opening", "huge-token", opening(join({sasl(1, bytes("GSSAPI")), sasl(2, 0xffffffffu, {})}))},
      {"fuzz_opening", "ok-first", opening(sasl(2, {}))},
      {"fuzz_opening", "client-hello", opening(tls_record(client_hello(60)))},
      {"fuzz_opening", "client-hello-split", opening(tls_records(client_hello(60), 7))},
      {"fuzz_opening", "http", opening(bytes("POST /cliservice HTTP/1.1\r\n"))},
      {"fuzz_opening", "thrift", opening(bytes("\x80\x01\0\x01\0\0\0\x0bOpenSession"sv))},
      {"fuzz_opening", "proxy-header-1", opening(bytes("PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n"))},
      {"fuzz_opening", "proxy-header-2", opening(bytes("\r\n\r\n\0\r\nQUIT\n\x21"sv))},

      {"fuzz_ticket", "mit", from_hex(kCapturedKerberos)},
      {"fuzz_ticket", "java", from_hex(kCapturedJava)},
      {"fuzz_ticket", "mit-in-spnego", from_hex(kCapturedSpnego)},
      {"fuzz_ticket", "small", kerberos({.cipher = 1})},
      {"fuzz_ticket", "microsoft", kerberos({.cipher = 1}, kMicrosoftOid)},
      {"fuzz_ticket", "no-kvno", kerberos({.kvno = std::nullopt, .cipher = 1})},
      {"fuzz_ticket", "three-components", kerberos({.components = {"a", "b/@\\", ""}, .cipher = 1})},
      {"fuzz_ticket", "long-lengths", kerberos({.cipher = 300})},
      {"fuzz_ticket", "ntlm", bytes(kNtlmNegotiate)},
      {"fuzz_ticket", "spnego-ntlm", spnego(kNtlmOid, bytes(kNtlmNegotiate))},
      {"fuzz_ticket", "spnego-empty", spnego(kKerberosOid, std::nullopt)},
      {"fuzz_ticket", "spnego-in-spnego", spnego(kSpnegoOid, spnego(kKerberosOid, kerberos({.cipher = 1})))},
      {"fuzz_ticket", "iakerb", gss(kIakerbOid, {5, 1})},

      {"fuzz_reply", "ok", reply(sasl(2, Buffer(16, 0x60)))},
      {"fuzz_reply", "complete", reply(sasl(5, {}))},
      {"fuzz_reply", "bad", reply(sasl(3, bytes("GSS initiate failed")))},
      {"fuzz_reply", "error", reply(sasl(4, bytes("Expecting START status, received OK")))},
      {"fuzz_reply", "long-text", reply(sasl(4, Buffer(600, 'x')))},
      {"fuzz_reply", "huge", reply(sasl(2, 0x7fffffffu, {}))},
      {"fuzz_reply", "http", reply(bytes("HTTP/1.1 400 Bad Request\r\n"))},
  };
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: login_seeds DIR\n";
    return 2;
  }
  for (const Seed& seed : seeds()) {
    const auto folder = std::filesystem::path(argv[1]) / seed.target;
    std::filesystem::create_directories(folder);
    std::ofstream file(folder / seed.name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(seed.bytes.data()), static_cast<std::streamsize>(seed.bytes.size()));
    if (!file.flush()) {
      std::cerr << "login_seeds: write " << (folder / seed.name).string() << ": failed\n";
      return 3;
    }
  }
}
