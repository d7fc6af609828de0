#pragma once

#include <cstdlib>
#include <string>

#include "proxy_late.hpp"
#include "support/sasl.hpp"
#include "support/thrift.hpp"

/// A client of the test's own process, call by call.
namespace kerbgate::e2e {

/// This process is alice's client, and a service that reads keytabs: names stay as they are written.
inline void become_a_party(Cluster& cluster) {
  const Environment all = cluster.realm().login("alice") +
                          cluster.realm().environment_with("party", {.rdns = false, .canonicalize = "false"});
  for (const char* name : {"KRB5CCNAME", "KRB5_CONFIG"})
    if (const auto found = all.find(name); found != all.end()) ::setenv(name, found->second.c_str(), 1);
}

class Caller {
 public:
  Caller(Cluster& cluster, const Proxy& proxy)
      : socket_(Socket::connect(cluster.names().address(Cluster::kProxy), proxy.port("shell"))), connection_(socket_) {
    gss::Initiator initiator("impala", Cluster::kProxy);
    sasl::initiate(socket_, initiator);
  }

  /// With the guid as the call's session or operation; the whole answer.
  thrift::Message call(const std::string& method, const std::string& guid = "") {
    thrift::Writer body;
    body.structure(1);
    if (!guid.empty()) body.structure(1).structure(1).text(1, guid).text(2, "0123456789abcdef").end().end();
    body.end().end();
    connection_.send(thrift::Kind::call, method, ++sequence_, body);
    return connection_.receive();
  }
  std::string open() { return call("OpenSession").body[0][3][1][1].text; }
  std::string coordinator_of(const std::string& session) {
    return call("PingImpalaHS2Service", session).body[0][2].text;
  }

 private:
  Socket socket_;
  thrift::Connection connection_;
  std::int32_t sequence_ = 0;
};

class ProxyLateCalls : public ProxyLate {
 protected:
  ProxyLateCalls() { become_a_party(cluster_); }
  Caller caller() { return {cluster_, *proxy_}; }
};

}  // namespace kerbgate::e2e
