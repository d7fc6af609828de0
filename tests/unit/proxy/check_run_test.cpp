#include <gtest/gtest.h>

#include "check/run.hpp"
#include "config_fixture.hpp"

namespace kerbgate::check {
namespace {

/// The script that these lines of a backend come to.
Script script_of(const std::string& lines) {
  const config::Parsed parsed = config::parse_listen_with(lines);
  EXPECT_TRUE(parsed.ok()) << config::printed(parsed);
  return parsed.config.backends.at(0).check;
}

/// Runs it against a server that says `answers` in pieces of `size` octets, one answer a receive step's end, and then
/// stays silent or ends. `sent` is all that it was told.
struct Played {
  Finding verdict;
  std::string sent;
  int connections = 0;
};
enum class Then { silence, end, reset };

Played play(const Script& script, const std::string& answer, Then then = Then::silence, std::size_t size = 1 << 20) {
  Played out;
  Run run(script);
  std::size_t at = 0;
  for (int turns = 0; turns < 100'000; ++turns) {
    switch (run.next()) {
      case Run::Next::connect:
        ++out.connections;
        at = 0;
        run.connected(run.step().connect.ssl);
        break;
      case Run::Next::send:
        out.sent += run.step().bytes;
        run.sent();
        break;
      case Run::Next::receive:
        if (at < answer.size()) {
          const std::string piece = answer.substr(at, std::min(size, run.room()));
          at += piece.size();
          run.received(piece);
        } else if (then == Then::end) {
          run.ended();
        } else if (then == Then::reset) {
          run.failed(check::Run::Layer::talk, "Connection reset by peer");
        } else {
          run.timed_out(check::Run::Layer::talk);
        }
        break;
      case Run::Next::done:
        out.verdict = run.verdict();
        return out;
    }
  }
  ADD_FAILURE() << "the run does not end";
  return out;
}

struct Case {
  const char* name;
  std::string lines, answer;
  Then then;
  const char* status;
  int code;
  const char* info;
};

class CheckRun : public testing::TestWithParam<Case> {};

const std::string kTcp = " option tcp-check\n", kHttp = " option httpchk GET /\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const std::string kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n";
std::string status(const std::string& line) { return "HTTP/1.1 " + line + "\r\nContent-Length: 0\r\n\r\n"; }

/// However the answer is cut, it means the same.
TEST_P(CheckRun, ComesToTheSameForEveryCut) {
  const Case& tested = GetParam();
  const Script script = script_of(tested.lines);
  for (std::size_t size = 1; size <= std::max<std::size_t>(tested.answer.size(), 1); size += 1 + size / 40) {
    const Played played = play(script, tested.answer, tested.then, size);
    EXPECT_EQ(words(played.verdict.status).name, tested.status) << size;
    if (words(played.verdict.status).has_code) {
      EXPECT_EQ(played.verdict.code, tested.code) << size;
    }
    if (std::string_view(tested.info) != "*") {
      EXPECT_EQ(played.verdict.info, tested.info) << size;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Tcp, CheckRun,
    testing::Values(
        Case{"Connects", kTcp, "", Then::silence, "L4OK", 0, ""},
        Case{"ConnectsAsTold", kTcp + " tcp-check connect\n", "", Then::silence, "L4OK", 0, "(tcp-check)"},
        Case{"ByTls", kTcp + " tcp-check connect ssl\n", "", Then::silence, "L6OK", 0, "(tcp-check)"},
        Case{"Sends", kTcp + " tcp-check send PING\n", "", Then::silence, "L7OK", 0, "(tcp-check)"},
        Case{"Finds", kTcp + " tcp-check expect string hello\n", "oh hello", Then::silence, "L7OK", 0, "(tcp-check)"},
        Case{"FindsOtherThings", kTcp + " tcp-check expect string hello\n", "goodbye", Then::end, "L7RSP", 0,
             "TCPCHK did not match content 'hello' at step 1"},
        Case{"WaitsInVain", kTcp + " tcp-check expect string hello\n", "goodbye", Then::silence, "L7TOUT", 0,
             " at step 1 of tcp-check (expect string 'hello')"},
        Case{"FindsNothing", kTcp + " tcp-check expect string hello\n", "", Then::end, "L7RSP", 0,
             "TCPCHK got an empty response at step 1"},
        Case{"IsReset", kTcp + " tcp-check expect string hello\n", "hell", Then::reset, "SOCKERR", 0,
             "Connection reset by peer at step 1 of tcp-check (expect string 'hello')"},
        Case{"FindsWhatShouldNotBe", kTcp + " tcp-check expect ! string bad\n", "a bad thing", Then::silence, "L7RSP",
             0, "TCPCHK matched unwanted content 'bad' at step 1"},
        Case{"DoesNotFindWhatShouldNotBe", kTcp + " tcp-check expect ! string bad\n", "a good thing", Then::end, "L7OK",
             0, "(tcp-check)"},
        Case{"MaySeeItYet", kTcp + " tcp-check expect ! string bad\n", "a good thing", Then::silence, "L7TOUT", 0,
             " at step 1 of tcp-check (expect string 'bad')"},
        Case{"Octets", kTcp + " tcp-check expect binary 000a02\n", std::string("zz\0\n\2", 5), Then::silence, "L7OK", 0,
             "(tcp-check)"},
        Case{"OtherOctets", kTcp + " tcp-check expect binary 000a02\n", std::string("zz\0\n\3", 5), Then::end, "L7RSP",
             0, "TCPCHK did not match content (binary) at step 1"},
        Case{"Regex", kTcp + " tcp-check expect rstring ^h[a-z]+o$\n", "hello", Then::silence, "L7OK", 0,
             "(tcp-check)"},
        Case{"NoRegex", kTcp + " tcp-check expect rstring ^h[a-z]+o$\n", "hallO", Then::end, "L7RSP", 0,
             "TCPCHK did not match content (regex) at step 1"},
        Case{"RegexOfOctets", kTcp + " tcp-check expect rbinary ^00ab..$\n", std::string("\0\xab\1", 3), Then::silence,
             "L7OK", 0, "(tcp-check)"},
        Case{"Comment", kTcp + " tcp-check comment greeting\n tcp-check expect string a\n tcp-check expect string b\n",
             "a", Then::end, "L7RSP", 0, "TCPCHK did not match content 'b' at step 3 comment: greeting"},
        Case{"OwnComment", kTcp + " tcp-check comment c\n tcp-check expect string b comment mine\n", "a", Then::silence,
             "L7TOUT", 0, " at step 2 of tcp-check (expect string 'b') comment: 'mine'"},
        Case{"OwnWords", kTcp + " tcp-check expect error-status L7STS on-error 'sad' string b\n", "a", Then::end,
             "L7STS", 0, "sad"},
        Case{"OwnWordsOfSuccess", kTcp + " tcp-check expect ok-status L6OK on-success 'glad' string a\n", "a",
             Then::silence, "L6OK", 0, "glad"},
        Case{"OwnTimeout", kTcp + " tcp-check expect tout-status L4TOUT string b\n", "a", Then::silence, "L4TOUT", 0,
             " at step 1 of tcp-check (expect string 'b')"},
        Case{"ForgetsAtASend", kTcp + " tcp-check expect string a\n tcp-check send x\n tcp-check expect string a\n",
             "a", Then::end, "L7RSP", 0, "TCPCHK got an empty response at step 3"},
        Case{"SslHello", " option ssl-hello-chk\n", std::string("\x15\3\1\0\2\2\x28", 7), Then::silence, "L6OK", 0, ""},
        Case{"NoSslHello", " option ssl-hello-chk\n", "HTTP/1.0 400", Then::end, "L6RSP", 0, ""},
        Case{"SilentSslHello", " option ssl-hello-chk\n", "", Then::silence, "L6TOUT", 0, ""}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Http, CheckRun,
    testing::Values(
        Case{"Ok", kHttp, kOk, Then::silence, "L7OK", 200, ""},
        Case{"Moved", kHttp, status("302 Found"), Then::silence, "L7OK", 302, ""},
        Case{"NoReason", kHttp, status("200"), Then::silence, "L7OK", 200, ""},
        Case{"LineFeedsAlone", kHttp, "\nHTTP/1.0 204 Fine\nA: b\n\n", Then::silence, "L7OK", 204, ""},
        Case{"Unavailable", kHttp, status("503 Service Unavailable"), Then::silence, "L7STS", 503,
             "Service Unavailable"},
        Case{"ReasonOfOctets", kHttp, status("500 a\"b\x01"), Then::silence, "L7STS", 500, "a<22>b<01>"},
        Case{"Garbage", kHttp, "SSH-2.0-OpenSSH\r\n", Then::silence, "L7RSP", 0, "*"},
        Case{"EndsInTheHead", kHttp, "HTTP/1.1 200 OK\r\nContent-Le", Then::end, "L7RSP", 0,
             "the HTTP answer ends within its head"},
        Case{"SilentInTheHead", kHttp, "HTTP/1.1 200 OK\r\nContent-Le", Then::silence, "L7TOUT", 0,
             "the HTTP answer did not end"},
        Case{"Silent", kHttp, "", Then::silence, "L7TOUT", 0, "no HTTP answer came"},
        Case{"Nothing", kHttp, "", Then::end, "L7RSP", 0, "the server ended the connection without an HTTP answer"},
        Case{"Reset", kHttp, "", Then::reset, "SOCKERR", 0, "Connection reset by peer"},
        Case{"Status", kHttp + " http-check expect status 201,300-310\n", kOk, Then::silence, "L7STS", 200, "OK"},
        Case{"StatusInRange", kHttp + " http-check expect status 201,199-210\n", kOk, Then::silence, "L7OK", 200, ""},
        Case{"NotThisStatus", kHttp + " http-check expect ! status 200\n", kOk, Then::silence, "L7STS", 200, "OK"},
        Case{"StatusRegex", kHttp + " http-check expect rstatus ^2..$\n", kOk, Then::silence, "L7OK", 200, ""},
        Case{"Body", kHttp + " http-check expect string hello\n", kOk, Then::silence, "L7OK", 200, ""},
        Case{"BodyInChunks", kHttp + " http-check expect string hello\n", kChunked, Then::silence, "L7OK", 200, ""},
        Case{"OtherBodyInChunks", kHttp + " http-check expect string bye\n", kChunked, Then::silence, "L7RSP", 200,
             "HTTP content check did not match"},
        Case{"BodyRegex", kHttp + " http-check expect rstring ^h.*o$\n", kOk, Then::silence, "L7OK", 200, ""},
        Case{"UnwantedBody", kHttp + " http-check expect ! string hello\n", kOk, Then::silence, "L7RSP", 200,
             "HTTP check matched unwanted content"},
        Case{"NoBody", kHttp + " http-check expect string hello\n", status("200 OK"), Then::silence, "L7RSP", 200,
             "HTTP content check could not find a response body"},
        Case{"StatusThenBody", kHttp + " http-check expect status 200\n http-check expect string bye comment c\n", kOk,
             Then::silence, "L7RSP", 200, "HTTP content check did not match comment: c"},
        Case{"EndlessHead", kHttp, "HTTP/1.1 200 OK\r\nA: " + std::string(20'000, 'x'), Then::silence, "L7RSP", 0,
             "the head of the HTTP answer is longer than 16 KiB"},
        Case{"EndlessBody", kHttp + " http-check expect string hello\n",
             "HTTP/1.1 200 OK\r\n\r\n" + std::string(20'000, 'x'), Then::silence, "L7RSP", 0,
             "HTTP content check did not match"}),
    [](const auto& tested) { return tested.param.name; });

TEST(CheckRun, SendsWhatTheLinesSay) {
  const Script script = script_of(
      " option httpchk GET /healthz HTTP/1.1\\r\\nHost:\\ lb\n http-check connect port 25000 send-proxy\n"
      " http-check send meth POST hdr X 'y z' hdr Content-Length 7 body abc\n http-check expect status 200\n"
      " http-check connect\n http-check send uri /b\n http-check expect status 200\n");
  const Played played = play(script, kOk);
  EXPECT_EQ(played.sent,
            "POST /healthz HTTP/1.1\r\nHost: lb\r\nX: y z\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
            "OPTIONS /b HTTP/1.0\r\n\r\n");
  EXPECT_EQ(played.connections, 2);
  EXPECT_EQ(script.steps.at(0).connect.port, 25000);
  EXPECT_TRUE(script.steps.at(0).connect.send_proxy);
}

TEST(CheckRun, ARegexThatTakesTooMuchWorkFailsTheCheck) {
  const Script script = script_of(kTcp + " tcp-check expect rstring ^(a+)+$\n");
  const Played played = play(script, std::string(200, 'a') + "b", Then::end);
  EXPECT_EQ(words(played.verdict.status).name, "L7RSP");
  EXPECT_NE(played.verdict.info.find("too much work"), std::string::npos);
}

TEST(CheckRun, FailuresBelowAreNamedByLayerAndStep) {
  const Script script = script_of(kTcp + " tcp-check connect port 77 comment door\n tcp-check send x\n");
  check::Run refused(script), silent(script), insecure(script);
  refused.failed(check::Run::Layer::tcp, "Connection refused");
  silent.timed_out(check::Run::Layer::tcp);
  insecure.failed(check::Run::Layer::tls, "wrong version number");
  EXPECT_EQ(refused.verdict().status, Status::l4con);
  EXPECT_EQ(refused.verdict().info, "Connection refused at step 1 of tcp-check (connect port 77) comment: 'door'");
  EXPECT_EQ(silent.verdict().status, Status::l4tout);
  EXPECT_EQ(insecure.verdict().status, Status::l6rsp);
}

TEST(CheckStatus, HasHaproxysWords) {
  EXPECT_EQ(reason({Status::l7sts, 503, "Service Unavailable"}, 3),
            ", reason: Layer7 wrong status, code: 503, info: \"Service Unavailable\", check duration: 3ms");
  EXPECT_EQ(reason({Status::l4ok, 0, ""}, 0), ", reason: Layer4 check passed, check duration: 0ms");
  EXPECT_EQ(status_named("L7TOUT"), Status::l7tout);
  EXPECT_FALSE(status_named("L8"));
}

}  // namespace
}  // namespace kerbgate::check
