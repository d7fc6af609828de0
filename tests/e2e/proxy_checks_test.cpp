#include <functional>
#include <memory>

#include "authority/authority.hpp"
#include "both_proxies.hpp"
#include "expect.hpp"
#include "runtime.hpp"

/// What checks make of servers: good ones, broken ones and hostile ones, on HAProxy and here.
namespace kerbgate::e2e {
namespace {

/// Reads an HTTP request's head.
std::string read_head(Socket& probe) {
  std::string out;
  while (out.find("\r\n\r\n") == std::string::npos) {
    const std::string more = probe.read_some();
    if (more.empty()) break;
    out += more;
  }
  return out;
}

void endless(Socket& probe, const std::string& first) {
  try {
    probe.send(first);
    for (int i = 0; i < 100'000; ++i) probe.send(std::string(4096, 'x'));
    ADD_FAILURE() << "the check takes 400 MB";
  } catch (const std::exception&) {
    // the check has left
  }
}

struct Case {
  const char* name;
  std::string lines;                   ///< of the section
  std::function<void(Socket&)> serve;  ///< one connection of the check
  std::string logged;                  ///< after "Health check for server in/s "
};
void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }

const std::string kHttp = "  option httpchk GET /healthz\n", kTcp = "  option tcp-check\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

std::function<void(Socket&)> answers(const std::string& text, bool then_ends = false) {
  return [=](Socket& probe) {
    read_head(probe);
    probe.send(text);
    if (then_ends) probe.shutdown_write();
  };
}
std::function<void(Socket&)> says(const std::string& text, bool then_ends = false) {
  return [=](Socket& probe) {
    probe.send(text);
    if (then_ends) probe.shutdown_write();
  };
}

const Case kCases[] = {
    {"Http200", kHttp, answers(kOk), "succeeded, reason: Layer7 check passed, code: 200, check duration: "},
    {"Http503", kHttp, answers("HTTP/1.1 503 Service Unavailable\r\n\r\n"),
     "failed, reason: Layer7 wrong status, code: 503, info: \"Service Unavailable\", check duration: "},
    {"HttpGarbage", kHttp, answers("SSH-2.0-OpenSSH\r\n"), "failed, reason: Layer7 invalid response"},
    {"HttpSilent", kHttp, [](Socket& probe) { read_head(probe); }, "failed, reason: Layer7 timeout"},
    {"HttpEndsAtOnce", kHttp, answers("", true), "failed, reason: Layer7 invalid response"},
    {"HttpReset", kHttp,
     [](Socket& probe) {
       read_head(probe);
       probe.reset();
     },
     "failed, reason: Socket error, info: \"Connection reset by peer\""},
    {"HttpEndlessHeader", kHttp, [](Socket& probe) { endless(probe, "HTTP/1.1 200 OK\r\nX: "); },
     "failed, reason: Layer7 invalid response"},
    {"HttpEndlessBody", kHttp, [](Socket& probe) { endless(probe, "HTTP/1.1 200 OK\r\n\r\n"); },
     "succeeded, reason: Layer7 check passed, code: 200"},
    {"HttpByteByByte", kHttp,
     [](Socket& probe) {
       read_head(probe);
       probe.limit_segments(1);
       probe.send("HTTP/1.1 204 Fine\r\nServer: crumbs\r\n\r\n");
     },
     "succeeded, reason: Layer7 check passed, code: 204"},
    {"HttpBody", kHttp + "  http-check expect string hello\n", answers(kOk),
     "succeeded, reason: Layer7 check passed, code: 200"},
    {"HttpOtherBody", kHttp + "  http-check expect rstring ^bye\n", answers(kOk),
     "failed, reason: Layer7 invalid response, info: \"HTTP content check did not match\""},
    {"HttpUnwantedBody", kHttp + "  http-check expect ! string hello\n", answers(kOk),
     "failed, reason: Layer7 invalid response, info: \"HTTP check matched unwanted content\""},
    {"HttpOtherStatus", kHttp + "  http-check expect status 201,300-310\n", answers(kOk),
     "failed, reason: Layer7 wrong status, code: 200, info: \"OK\""},
    {"TcpString", kTcp + "  tcp-check expect string hello\n", says("oh hello"),
     "succeeded, reason: Layer7 check passed, code: 0, info: \"\\(tcp-check\\)\""},
    {"TcpTalk",
     kTcp + "  tcp-check connect\n  tcp-check send PING\\r\\n\n  tcp-check expect string +PONG\n"
            "  tcp-check send QUIT\\r\\n\n  tcp-check expect rstring ^bye\n",
     [](Socket& probe) {
       EXPECT_EQ(probe.read(6), "PING\r\n");
       probe.send("+PONG\r\n");
       EXPECT_EQ(probe.read(6), "QUIT\r\n");
       probe.send("bye\r\n");
     },
     "succeeded, reason: Layer7 check passed, code: 0"},
    {"TcpBinary", kTcp + "  tcp-check send-binary 00ff10\n  tcp-check expect binary 0102\n",
     [](Socket& probe) {
       EXPECT_EQ(probe.read(3), std::string("\0\xff\x10", 3));
       probe.send(std::string("z\1\2", 3));
     },
     "succeeded, reason: Layer7 check passed, code: 0"},
    {"TcpOtherString", kTcp + "  tcp-check comment greeting\n  tcp-check expect string hello\n", says("bye", true),
     "failed, reason: Layer7 invalid response, info: \"TCPCHK did not match content 'hello' at step 2 comment: "
     "greeting\""},
    {"TcpSilent", kTcp + "  tcp-check expect string hello\n", says(""),
     "failed, reason: Layer7 timeout, info: \" at step 1 of tcp-check \\(expect string 'hello'\\)\""},
    {"TcpUnwanted", kTcp + "  tcp-check expect ! string bad\n", says("a bad thing"),
     "failed, reason: Layer7 invalid response, info: \"TCPCHK matched unwanted content 'bad' at step 1\""},
    {"TcpEmpty", kTcp + "  tcp-check expect string a\n", says("", true),
     "failed, reason: Layer7 invalid response, info: \"TCPCHK got an empty response at step 1\""},
    {"TcpReset", kTcp + "  tcp-check expect string a\n", [](Socket& probe) { probe.reset(); },
     "failed, reason: Socket error, info: \"Connection reset by peer at step 1 of tcp-check"},
    {"TcpEndless", kTcp + "  tcp-check expect string hello\n", [](Socket& probe) { endless(probe, "x"); },
     "failed, reason: Layer7 invalid response, info: \"TCPCHK did not match content 'hello' at step 1\""},
    {"SslHello", "  option ssl-hello-chk\n",
     [](Socket& probe) {
       EXPECT_EQ(probe.read(1), "\x16");
       probe.send(std::string("\x15\3\1\0\2\2\x28", 7));
     },
     "succeeded, reason: Layer6 check passed"},
    {"SslHelloToOthers", "  option ssl-hello-chk\n", says("220 ready\r\n"), "failed, reason: Layer6 invalid response"},
};

class ProxyChecks : public testing::TestWithParam<std::tuple<Program, Case>> {
 protected:
  void SetUp() override {
    const Program& program = std::get<0>(GetParam());
    if (access(program.path, X_OK) != 0) GTEST_SKIP() << "SKIPPED: " << program.path << " is not installed";
  }
  TempDir dir_;
  Listener backend_;
};

TEST_P(ProxyChecks, ComeToTheSame) {
  const auto& [program, tested] = GetParam();
  const bool waits = tested.logged.find("timeout") != std::string::npos;
  Proxy proxy(program.path, dir_, {},
              globals() + "listen in\n  bind 127.0.0.1:@in@\n  option log-health-checks\n  timeout check " +
                  (waits ? "300ms\n" : "20s\n") + tested.lines + "  server s " + backend_.local() +
                  " check inter 1h fall 1 rise 1\n");
  Socket probe = backend_.accept();
  tested.serve(probe);
  proxy.process().wait_for_line("Health check for server in/s " + tested.logged);
}

INSTANTIATE_TEST_SUITE_P(All, ProxyChecks,
                         testing::Combine(testing::Values(Program{"kerbgate", KERBGATE_PROXY},
                                                          Program{"haproxy", "/usr/sbin/haproxy"}),
                                          testing::ValuesIn(kCases)),
                         [](const auto& tested) {
                           return std::string(std::get<1>(tested.param).name) + "_" + std::get<0>(tested.param).name;
                         });

class ProxyCheckPlaces : public BothProxies {
 protected:
  std::string listen(const std::string& lines, const std::string& words) {
    return "listen in\n  bind 127.0.0.1:@in@\n  option log-health-checks\n" + lines + "  server s " + backend_.local() +
           " check inter 1h fall 1 rise 1 " + words + "\n";
  }
  static std::string port_of(const Listener& one) { return one.local().substr(one.local().rfind(':') + 1); }
  void expect_healthz(Proxy& proxy, Listener& where) {
    Socket probe = where.accept();
    EXPECT_EQ(read_head(probe), "GET /healthz HTTP/1.0\r\n\r\n");
    probe.send(kOk);
    proxy.process().wait_for_line("Health check for server in/s succeeded, reason: Layer7 check passed, code: 200");
  }
  Listener backend_, web_;
};

TEST_P(ProxyCheckPlaces, PortOfTheServerLine) {
  Proxy proxy = start(listen(kHttp, "port " + port_of(web_)));
  expect_healthz(proxy, web_);
}

TEST_P(ProxyCheckPlaces, AddressOfTheServerLine) {
  Listener other("127.0.0.2");
  Proxy proxy = start(listen(kHttp, "addr 127.0.0.2 port " + port_of(other)));
  expect_healthz(proxy, other);
}

TEST_P(ProxyCheckPlaces, PortAndAddressOfAStep) {
  Listener other("127.0.0.2");
  Proxy proxy = start(listen(kHttp + "  http-check connect addr 127.0.0.2 port " + port_of(other) +
                                 "\n  http-check send meth GET uri /healthz\n  http-check expect status 200\n",
                             ""));
  expect_healthz(proxy, other);
}

TEST_P(ProxyCheckPlaces, AWebPortBesideAnEncryptedOneIsInClear) {
  Proxy proxy = start(listen(kHttp, "ssl verify none port " + port_of(web_)));
  expect_healthz(proxy, web_);
}

TEST_P(ProxyCheckPlaces, TlsOfAStepAsksForItsName) {
  tests::Authority ca("ca");
  const std::string pem = dir_ / "web.pem";
  write_file(pem, ca.issue("web.example.com"));
  Proxy proxy = start(listen(
      kTcp + "  tcp-check connect ssl sni web.example.com\n  tcp-check send hi\n" + "  tcp-check expect string hello\n",
      "verify none"));
  Socket probe = backend_.accept();
  probe.secure(TlsSide::server({pem, "", "", false}));
  EXPECT_EQ(probe.read(2), "hi");
  probe.send("hello");
  proxy.process().wait_for_line("Health check for server in/s succeeded, reason: Layer7 check passed, code: 0");
}

TEST_P(ProxyCheckPlaces, TlsToAServerThatDoesNotSpeakItIsLayer6) {
  Proxy proxy = start(listen(kHttp, "check-ssl verify none"));
  Socket probe = backend_.accept();
  probe.send("220 ready\r\n");
  proxy.process().wait_for_line("Health check for server in/s failed, reason: Layer6 invalid response");
}

TEST_P(ProxyCheckPlaces, AHeaderOfTheProxyComesFirst) {
  Proxy proxy = start(listen(kHttp, "send-proxy"));
  Socket probe = backend_.accept();
  const std::string head = read_head(probe);
  EXPECT_EQ(head.substr(0, 6), "PROXY ") << head;
}

TEST_P(ProxyCheckPlaces, RefusedConnectionsNameTheStep) {
  const std::string dead = std::to_string(free_port());
  Proxy proxy = start(listen(kTcp + "  tcp-check connect port " + dead + " comment door\n", ""));
  proxy.process().wait_for_line(
      "Health check for server in/s failed, reason: Layer4 connection problem, info: \"Connection refused at step 1 of "
      "tcp-check \\(connect port " +
      dead + "\\) comment: 'door'\", check duration: [0-9]+ms, status: 0/1 DOWN");
}

KERBGATE_BOTH_PROXIES(ProxyCheckPlaces);

class ProxyTrack : public BothProxies {
 protected:
  Proxy start_tracking(const std::string& checked) {
    return {GetParam().path,
            dir_,
            {},
            globals("  stats socket " + std::string(dir_ / "s.sock") + " level admin\n") +
                "listen in\n  bind 127.0.0.1:@in@\n  server d " + backend_.local() + " track a/s\n" +
                "backend a\n  server s " + checked + " check inter 50ms fall 2 rise 2\n" + "backend b\n  server t " +
                backend_.local() + " track a/s\n  server u " + backend_.local() + " track t\n"};
  }
  std::string tell(const std::string& line) { return ask(dir_ / "s.sock", line); }
  std::string status(const std::string& server) { return show_stat(dir_ / "s.sock").at(server).at("status"); }
  /// Without the "1/2" that the tracked one still wants of its check.
  std::string state(const std::string& server) {
    const std::string words = status(server);
    return words.substr(0, words.find(' '));
  }
  Listener backend_;
};

TEST_P(ProxyTrack, FollowsDownAndUp) {
  auto checked = std::make_unique<Listener>();
  const std::string where = checked->local();
  const std::uint16_t port = checked->port();
  Proxy proxy = start_tracking(where);
  const StatRows rows = show_stat(dir_ / "s.sock");
  EXPECT_EQ(rows.at("b/u").at("tracked"), "b/t");
  EXPECT_EQ(rows.at("b/t").at("status"), "UP");
  checked.reset();
  proxy.process().wait_for_line("Server b/u is DOWN via b/t. [01] active and 0 backup servers left.");
  proxy.process().wait_for_line("Server in/d is DOWN via a/s. 0 active and 0 backup servers left.");
  EXPECT_EQ(status("b/u"), "DOWN");
  Socket client = this->client(proxy);
  EXPECT_TRUE(turned_away(client));
  checked = std::make_unique<Listener>("127.0.0.1", port);
  proxy.process().wait_for_line("Server in/d is UP via a/s. 1 active and 0 backup servers online.");
  EXPECT_EQ(status("b/t"), "UP");
  Socket again = this->client(proxy);
  Socket served = backend_.accept();
  EXPECT_TRUE(connected(again, served));
}

TEST_P(ProxyTrack, FollowsWhatOperatorsSay) {
  Listener checked;
  Proxy proxy = start_tracking(checked.local());
  EXPECT_EQ(tell("set server b/t health down"), "cannot change health on a tracking server.\n\n");
  tell("set server b/t state maint");
  EXPECT_EQ(status("b/t"), "MAINT");
  EXPECT_EQ(status("b/u"), "MAINT (via b/t)");
  EXPECT_EQ(state("in/d"), "UP");
  tell("set server a/s state maint");
  proxy.process().wait_for_line("Server in/d is going DOWN for maintenance via a/s. 0 active");
  EXPECT_EQ(status("in/d"), "MAINT (via a/s)");
  tell("set server a/s state ready");
  proxy.process().wait_for_line("Server in/d is UP/READY \\(leaving maintenance\\).");
  EXPECT_EQ(state("in/d"), "UP");
  EXPECT_EQ(status("b/t"), "MAINT") << "its own";
  tell("set server b/t state ready");
  EXPECT_EQ(state("b/u"), "UP");
  tell("set server a/s state drain");
  proxy.process().wait_for_line("Server in/d enters drain state via a/s.");
  EXPECT_EQ(state("in/d"), "DRAIN");
  tell("set server a/s state ready");
  EXPECT_EQ(state("in/d"), "UP");
}

KERBGATE_BOTH_PROXIES(ProxyTrack);

}  // namespace
}  // namespace kerbgate::e2e
