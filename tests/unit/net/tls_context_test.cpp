#include "net/tls/context.hpp"

#include "tls_pair.hpp"

/// What certificates and words of the configuration make of a handshake.
namespace kerbgate::net {
namespace {

using tls::Context;

class TlsContext : public ::testing::Test {
 protected:
  std::shared_ptr<Context> server(const config::Tls& conf, const tls::Files& from, const std::string& identity = "a") {
    Result<std::shared_ptr<Context>> out = Context::listening(conf, from, identity);
    EXPECT_TRUE(out.ok()) << out.error().what;
    return out ? *out : nullptr;
  }
  std::shared_ptr<Context> client(const config::Tls& conf, const tls::Files& from) {
    Result<std::shared_ptr<Context>> out = Context::dialling(conf, from);
    EXPECT_TRUE(out.ok()) << out.error().what;
    return out ? *out : nullptr;
  }
  tls::Files all() {
    return files({{"proxy.pem", proxy_}, {"ca.pem", ca_.certificate()}, {"other.pem", other_.certificate()}});
  }

  Authority ca_{"test CA"}, other_{"another CA"};
  std::string proxy_ = ca_.issue("proxy.example.test");
};

TEST_F(TlsContext, BytesPassBothWaysAfterAHandshake) {
  TlsPair pair(server(listening(), all()), client(dialling(), all()));
  pair.handshake();
  ASSERT_TRUE(pair.done()) << pair.near_.tls->failure() << pair.far_.tls->failure();
  EXPECT_EQ(pair.near_.tls->version(), "TLSv1.3");
  pair.say(pair.near_, "question");
  EXPECT_EQ(pair.hear(pair.far_, 8), "question");
  pair.say(pair.far_, "answer");
  EXPECT_EQ(pair.hear(pair.near_, 6), "answer");
}

TEST_F(TlsContext, AnotherCasCertificateIsRefused) {
  TlsPair pair(server(listening(), all()), client(dialling("other.pem"), all()));
  pair.handshake();
  EXPECT_FALSE(pair.near_done);
  EXPECT_EQ(pair.near_.tls->failure(), "certificate verify failed: unable to get local issuer certificate");
}

TEST_F(TlsContext, VerifyNoneTakesAnyCertificate) {
  config::Tls conf = dialling("");
  conf.verify = config::TlsVerify::none;
  TlsPair pair(server(listening(), all()), client(conf, all()));
  pair.handshake();
  EXPECT_TRUE(pair.done());
}

struct NameCase {
  const char* name;
  const char *verifyhost, *sni;
  bool taken;
};
class ServerName : public TlsContext, public testing::WithParamInterface<NameCase> {};

TEST_P(ServerName, IsHeldAgainstTheCertificate) {
  const tls::Files from = files({{"proxy.pem", ca_.issue({"x", {"host1.example.test", "127.0.0.1", "*.wild.test"}})},
                                 {"ca.pem", ca_.certificate()}});
  config::Tls conf = dialling();
  conf.verifyhost = GetParam().verifyhost;
  conf.sni = GetParam().sni;
  TlsPair pair(server(listening(), from), client(conf, from));
  pair.handshake();
  EXPECT_EQ(pair.near_done, GetParam().taken) << pair.near_.tls->failure();
}

INSTANTIATE_TEST_SUITE_P(Names, ServerName,
                         testing::Values(NameCase{"NoneIsAskedFor", "", "", true},
                                         NameCase{"Verifyhost", "host1.example.test", "", true},
                                         NameCase{"VerifyhostOfAnother", "host2.example.test", "", false},
                                         NameCase{"Address", "127.0.0.1", "", true},
                                         NameCase{"AddressOfAnother", "127.0.0.2", "", false},
                                         NameCase{"Sni", "", "host1.example.test", true},
                                         NameCase{"SniOfAnother", "", "host2.example.test", false},
                                         NameCase{"Wildcard", "a.wild.test", "", true},
                                         NameCase{"WildcardOverTwoLabels", "a.b.wild.test", "", false},
                                         NameCase{"SniGoesBeforeVerifyhost", "host1.example.test", "z.test", false}),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(TlsContext, SniChoosesTheCertificateAndTheFirstIsTheDefault) {
  const tls::Files from = files({{"certs/a.pem", ca_.issue("a.test")},
                                 {"certs/b.pem", ca_.issue({"b", {"b.test", "*.b.test"}})},
                                 {"ca.pem", ca_.certificate()}});
  const auto context = server(listening({"certs"}), from);
  EXPECT_EQ(context->certificates().size(), 2u);
  for (const auto& [asked, subject] :
       {std::pair("b.test", "CN=b"), std::pair("B.TEST", "CN=b"), std::pair("x.b.test", "CN=b"),
        std::pair("a.test", "CN=a.test"), std::pair("unknown.test", "CN=a.test"), std::pair("", "CN=a.test")}) {
    config::Tls conf = dialling("");
    conf.verify = config::TlsVerify::none;
    conf.sni = asked;
    TlsPair pair(context, client(conf, from));
    pair.handshake();
    ASSERT_TRUE(pair.done()) << asked;
    EXPECT_EQ(pair.near_.tls->peer_subject(), subject) << asked;
  }
}

TEST_F(TlsContext, StrictSniRefusesANameThatNoCertificateHas) {
  config::Tls conf = listening();
  conf.strict_sni = true;
  config::Tls asking = dialling();
  asking.sni = "unknown.test";
  TlsPair pair(server(conf, all()), client(asking, all()));
  pair.handshake();
  EXPECT_FALSE(pair.far_done);
}

TEST_F(TlsContext, ClientCertificatesAreRequiredTakenAndNamed) {
  config::Tls conf = listening();
  conf.ca_file = "ca.pem";
  conf.verify = config::TlsVerify::required;
  tls::Files from = all();
  from["user.pem"] = secret(ca_.issue("alice"));
  from["foreign.pem"] = secret(other_.issue("mallory"));
  const auto context = server(conf, from);
  config::Tls with = dialling();
  with.crt = {"user.pem"};
  TlsPair good(context, client(with, from));
  good.handshake();
  ASSERT_TRUE(good.done());
  EXPECT_EQ(good.far_.tls->peer_subject(), "CN=alice");
  TlsPair none(context, client(dialling(), from));
  none.handshake();
  EXPECT_EQ(none.far_.tls->failure(), "peer did not return a certificate");
  with.crt = {"foreign.pem"};
  TlsPair foreign(context, client(with, from));
  foreign.handshake();
  EXPECT_FALSE(foreign.far_done);
}

TEST_F(TlsContext, OptionalClientCertificatesMayBeMissingButNotForeign) {
  config::Tls conf = listening();
  conf.ca_file = "ca.pem";
  conf.verify = config::TlsVerify::optional;
  tls::Files from = all();
  from["foreign.pem"] = secret(other_.issue("mallory"));
  const auto context = server(conf, from);
  TlsPair none(context, client(dialling(), from));
  none.handshake();
  EXPECT_TRUE(none.done());
  EXPECT_EQ(none.far_.tls->peer_subject(), "");
  config::Tls with = dialling();
  with.crt = {"foreign.pem"};
  TlsPair foreign(context, client(with, from));
  foreign.handshake();
  EXPECT_FALSE(foreign.far_done);
}

TEST_F(TlsContext, ARevokedCertificateIsRefusedOnEitherSide) {
  const std::string alice = ca_.issue("alice"), bob = ca_.issue("bob");
  tls::Files from = all();
  from["alice.pem"] = secret(alice);
  from["bob.pem"] = secret(bob);
  from["crl.pem"] = secret(ca_.revoke({alice}));
  config::Tls conf = listening({"bob.pem"});
  conf.ca_file = "ca.pem";
  conf.crl_file = "crl.pem";
  conf.verify = config::TlsVerify::required;
  for (const auto& [crt, taken] : {std::pair("alice.pem", false), std::pair("bob.pem", true)}) {
    config::Tls with = dialling();
    with.crt = {crt};
    TlsPair pair(server(conf, from), client(with, from));
    pair.handshake();
    EXPECT_EQ(pair.far_done, taken) << crt;
  }
  config::Tls strict = dialling();
  strict.crl_file = "crl.pem";
  TlsPair revoked(server(listening({"alice.pem"}), from), client(strict, from));
  revoked.handshake();
  EXPECT_EQ(revoked.near_.tls->failure(), "certificate verify failed: certificate revoked");
}

struct VersionCase {
  const char* name;
  std::optional<config::TlsVersion> server_least, server_most, client_least, client_most;
  const char* version;  ///< empty: none
};
class Versions : public TlsContext, public testing::WithParamInterface<VersionCase> {};

TEST_P(Versions, AreThoseOfBothSides) {
  config::Tls mine = listening(), theirs = dialling();
  mine.least = GetParam().server_least;
  mine.most = GetParam().server_most;
  theirs.least = GetParam().client_least;
  theirs.most = GetParam().client_most;
  TlsPair pair(server(mine, all()), client(theirs, all()));
  pair.handshake();
  EXPECT_EQ(pair.done() ? pair.near_.tls->version() : "", GetParam().version);
}

constexpr auto k11 = config::TlsVersion::v1_1, k12 = config::TlsVersion::v1_2, k13 = config::TlsVersion::v1_3;
INSTANTIATE_TEST_SUITE_P(Pairs, Versions,
                         testing::Values(VersionCase{"Tls12Client", {}, {}, {}, k12, "TLSv1.2"},
                                         VersionCase{"Tls11ClientIsRefused", {}, {}, k11, k11, ""},
                                         VersionCase{"Tls13Server", k13, {}, {}, k12, ""},
                                         VersionCase{"Tls12Server", {}, k12, {}, {}, "TLSv1.2"}),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(TlsContext, SessionsAreResumedByTheirOwnListenerAlone) {
  for (const auto most : {k12, k13}) {
    config::Tls conf = listening(), asking = dialling();
    conf.most = asking.most = most;
    const auto mine = server(conf, all(), "one"), other = server(conf, all(), "other"), dialler = client(asking, all());
    const auto resumed = [&](const std::shared_ptr<Context>& context) {
      TlsPair pair(context, dialler);
      pair.handshake();
      EXPECT_TRUE(pair.done());
      pair.say(pair.far_, "x");  // TLS 1.3 sends its ticket after the handshake
      EXPECT_EQ(pair.hear(pair.near_, 1), "x");
      return pair.far_.tls->resumed();
    };
    EXPECT_FALSE(resumed(mine));
    EXPECT_TRUE(resumed(mine));
    EXPECT_FALSE(resumed(other));
  }
}

TEST_F(TlsContext, AnAgreedProtocolIsTakenAndOthersDoNotStandInTheWay) {
  config::Tls conf = listening(), asking = dialling();
  conf.alpn = {"h2", "impala"};
  for (const auto& offered : {std::vector<std::string>{"impala"}, std::vector<std::string>{"other"}}) {
    asking.alpn = offered;
    TlsPair pair(server(conf, all()), client(asking, all()));
    pair.handshake();
    EXPECT_TRUE(pair.done());
  }
}

struct BadCase {
  const char* name;
  std::function<tls::Files(Authority&)> files;
  const char* says;
  config::Tls conf = listening();
};
class BadFiles : public testing::TestWithParam<BadCase> {};

TEST_P(BadFiles, AreNamedWithWhatIsWrong) {
  Authority ca("test CA");
  const Result<std::shared_ptr<Context>> out = Context::listening(GetParam().conf, GetParam().files(ca), "a");
  ASSERT_FALSE(out.ok());
  EXPECT_NE(out.error().what.find(GetParam().says), std::string::npos) << out.error().what;
}

config::Tls with_ciphers(const std::string& ciphers) {
  config::Tls conf = listening();
  conf.ciphers = ciphers;
  return conf;
}
config::Tls with_ca(const std::string& file, const std::string& crl = "") {
  config::Tls conf = listening();
  conf.verify = config::TlsVerify::required;
  conf.ca_file = file;
  conf.crl_file = crl;
  return conf;
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadFiles,
    testing::Values(
        BadCase{"Empty",
                [](Authority&) {
                  return files({{"proxy.pem", ""}});
                },
                "proxy.pem: holds no certificate"},
        BadCase{"KeyAlone",
                [](Authority& ca) {
                  return files({{"proxy.pem", tests::key_of(ca.issue("a"))}});
                },
                "proxy.pem: holds no certificate"},
        BadCase{"NoKey",
                [](Authority& ca) {
                  return files({{"proxy.pem", tests::certificate_of(ca.issue("a"))}});
                },
                "proxy.pem: holds no private key: append it"},
        BadCase{"AnothersKey",
                [](Authority& ca) {
                  return files({{"proxy.pem", tests::certificate_of(ca.issue("a")) + tests::key_of(ca.issue("b"))}});
                },
                "proxy.pem: its private key does not belong to its first certificate"},
        BadCase{"EncryptedKey",
                [](Authority& ca) {
                  return files({{"proxy.pem", tests::encrypted(ca.issue("a"), "secret")}});
                },
                "proxy.pem: its private key is encrypted"},
        BadCase{"DamagedCertificate",
                [](Authority& ca) {
                  std::string pem = ca.issue("a");
                  pem[100] = pem[100] == 'A' ? 'B' : 'A';
                  pem.erase(200, 1);
                  return files({{"proxy.pem", pem}});
                },
                "proxy.pem: its certificate cannot be read"},
        BadCase{"DamagedKey",
                [](Authority& ca) {
                  std::string pem = ca.issue("a");
                  pem.erase(pem.find("PRIVATE KEY-----") + 40, 8);
                  return files({{"proxy.pem", pem}});
                },
                "proxy.pem: its private key cannot be read"},
        BadCase{"EmptyFolder", [](Authority&) { return tls::Files(); }, "proxy.pem: holds no certificate file"},
        BadCase{"NoCiphers",
                [](Authority& ca) {
                  return files({{"proxy.pem", ca.issue("a")}});
                },
                "ciphers 'NONSENSE'", with_ciphers("NONSENSE")},
        BadCase{"CaWithoutCertificate",
                [](Authority& ca) {
                  return files({{"proxy.pem", ca.issue("a")}, {"ca.pem", "nothing\n"}});
                },
                "ca.pem: holds no certificate", with_ca("ca.pem")},
        BadCase{"CrlWithoutList",
                [](Authority& ca) {
                  return files({{"proxy.pem", ca.issue("a")}, {"ca.pem", ca.certificate()}});
                },
                "ca.pem: holds no revocation list", with_ca("ca.pem", "ca.pem")}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(TlsContext, TheKeyMayStandInAFileOfItsOwn) {
  const tls::Files from =
      files({{"proxy.pem", tests::certificate_of(proxy_)}, {"proxy.pem.key", tests::key_of(proxy_)}});
  EXPECT_TRUE(Context::listening(listening(), from, "a").ok());
}

TEST_F(TlsContext, DoubtsNameExpiryAndTheMissingName) {
  const auto texts = [&](const Authority::Request& request, const std::string& wanted) {
    const tls::Files from = files({{"proxy.pem", ca_.issue(request)}});
    std::string all;
    const std::vector<std::string> names{wanted};
    for (const std::string& text :
         tls::doubts(server(listening(), from)->certificates().at(0), names, std::chrono::system_clock::now()))
      all += text + '\n';
    return all;
  };
  EXPECT_EQ(texts({"a", {"a.test"}}, "a.test"), "");
  EXPECT_NE(texts({"a", {"a.test"}, -10, -1}, "a.test").find("expired at "), std::string::npos);
  EXPECT_NE(texts({"a", {"a.test"}, 1, 90}, "a.test").find("is not valid before "), std::string::npos);
  EXPECT_NE(texts({"a", {"a.test"}, -1, 10}, "a.test").find("expires at "), std::string::npos);
  EXPECT_NE(
      texts({"b.test", {"a.test"}}, "b.test").find("does not hold the name b.test (subjectAltName: it has a.test)"),
      std::string::npos);
  EXPECT_NE(texts({"b.test", {}}, "b.test").find("subjectAltName: it has none"), std::string::npos);
}

}  // namespace
}  // namespace kerbgate::net
