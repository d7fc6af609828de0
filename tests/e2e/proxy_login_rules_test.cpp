#include <gtest/gtest.h>

#include "expect.hpp"
#include "proxy_config.hpp"
#include "support/cluster.hpp"
#include "support/proxy.hpp"

/// Rules and PROXY headers before real logins.
namespace kerbgate::e2e {
namespace {

class LoginRules : public testing::Test {
 protected:
  Proxy start(const std::string& sections) {
    return {KERBGATE_PROXY, cluster_.dir(), cluster_.environment(), kerberized() + sections};
  }
  std::string bind(const std::string& name) {
    return "  bind " + cluster_.names().address(Cluster::kProxy) + ":@" + name + "@";
  }
  Outcome shell(const Proxy& proxy, const std::string& name, const std::string& source) {
    return cluster_.shell({"--connect", Cluster::kProxy + ":" + std::to_string(proxy.port(name)), "--source-address",
                           source, "--one-byte-segments"});
  }

  Cluster cluster_{KERBGATE_BIN, 2};
};

TEST_F(LoginRules, ChooseTheBackendOfALogin) {
  Proxy proxy = start("frontend in\n" + bind("in") +
                      "\n  tcp-request content reject if { req.len gt 3 } { src 127.0.9.9 }\n"
                      "  use_backend etl if { req.len gt 10 } { src 127.0.9.2 }\n  default_backend usual\n"
                      "backend etl\n" +
                      server("c2", cluster_.address(2)) + "backend usual\n" + server("c1", cluster_.address(1)));
  EXPECT_EQ(shell(proxy, "in", "127.0.9.2").status, 0);
  proxy.process().wait_for_line("^127.0.9.2:.* in etl/c2 .* -- .* service=impala/proxy.example.test");
  EXPECT_EQ(shell(proxy, "in", "127.0.9.1").status, 0);
  proxy.process().wait_for_line("^127.0.9.1:.* in usual/c1 .* -- .* service=impala/proxy.example.test");
  EXPECT_NE(shell(proxy, "in", "127.0.9.9").status, 0);
  proxy.process().wait_for_line("^127.0.9.9:.* in in/<NOSRV> .* PR ");
}

TEST_F(LoginRules, AnEdgeTellsWhoTheClientIs) {
  Proxy proxy = start("listen edge\n" + bind("edge") + "\n  kerberos login pass\n  server inner " +
                      cluster_.names().address(Cluster::kProxy) + ":@inner@ send-proxy-v2\nlisten inner\n" +
                      bind("inner") + " accept-proxy\n" + server("c1", cluster_.address(1)));
  EXPECT_EQ(shell(proxy, "edge", "127.0.9.3").status, 0);
  proxy.process().wait_for_line("^127.0.9.3:.* inner inner/c1 .* -- .* service=impala/proxy.example.test");
}

}  // namespace
}  // namespace kerbgate::e2e
