#include "config/check_connection.hpp"

#include <algorithm>

namespace kerbgate::config {
namespace {

using check::Script;
using check::Step;

bool is_elsewhere(const Server& server) { return server.check_port != 0 || !server.check_host.empty(); }

}  // namespace

std::optional<Tls> tls_of_check(const Server& server, const check::Connect& connect) {
  const bool inherits = connect.as_server && server.check_tls.value_or(server.tls.on && !is_elsewhere(server));
  if (!inherits && !connect.ssl) return std::nullopt;
  Tls tls = server.tls;
  const std::string& sni = connect.sni.empty() && connect.as_server ? server.check_sni : connect.sni;
  const auto& alpn = connect.alpn.empty() && connect.as_server ? server.check_alpn : connect.alpn;
  if (!sni.empty()) {
    tls.sni = sni;
    tls.sni_of_client = false;
  }
  if (!alpn.empty()) tls.alpn = alpn;
  return tls;
}

bool is_checked_by_tls(const Server& server, const Script& script) {
  return server.check && std::any_of(script.steps.begin(), script.steps.end(), [&](const Step& step) {
           return step.kind == Step::Kind::connect && tls_of_check(server, step.connect);
         });
}

bool check_sends_proxy(const Server& server, const Script& script, const check::Connect& connect) {
  if (connect.send_proxy) return true;
  if (!connect.as_server) return false;
  // A check by TCP alone says nothing, so that the server's accept() does not return.
  const bool says_something = script.steps.size() > 1;
  return server.check_send_proxy ||
         (says_something && !is_elsewhere(server) && (server.send_proxy || server.send_proxy_v2));
}

}  // namespace kerbgate::config
