#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "expect.hpp"
#include "proxy_config.hpp"
#include "runtime.hpp"
#include "support/proxy.hpp"

/// The runtime socket beside HAProxy's own: the same file, the same traffic, the same commands.
namespace kerbgate::e2e {
namespace {

constexpr const char* kHaproxy = "/usr/sbin/haproxy";

/// One of the two with its own servers, a client that came and went, and one that stays.
class Served {
 public:
  explicit Served(const std::string& program) : proxy_(program, dir_, {}, text()), path_(dir_ / "admin.sock") {
    Socket gone = Socket::connect("127.0.0.1", proxy_.port("one"));
    talk(gone, "hello", "welcome!");
    gone.close();
    EXPECT_EQ(kept_servers_.back().read_all(), "");
    kept_servers_.back().close();
    wait_for_sessions("0");
    kept_ = std::make_unique<Socket>(Socket::connect("127.0.0.1", proxy_.port("one")));
    talk(*kept_, "again", "yes");
  }

  [[nodiscard]] std::string ask(const std::string& line) const { return e2e::ask(path_, line); }
  [[nodiscard]] StatRows stat() const { return show_stat(path_); }
  /// The client that stayed leaves.
  void end() {
    kept_->close();
    kept_servers_.back().close();
    wait_for_sessions("0");
  }

 private:
  void wait_for_sessions(const std::string& count) const {
    for (const auto until = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < until;)
      if (stat().at("one/FRONTEND").at("scur") == count) return;
    FAIL() << "sessions stay";
  }
  std::string text() {
    return "global\n  stats socket " + (dir_ / "admin.sock") +
           " mode 600 level admin\n  maxconn 100\n  nbthread 1\n  node here\n"
           "defaults\n  mode tcp\n  option contstats\n  timeout connect 5s\n  timeout client 60s\n  timeout server "
           "60s\n"
           "listen one\n  option socket-stats\n  bind 127.0.0.1:@one@ name door\n  balance leastconn\n"
           "  server a " +
           first_.local() + " weight 3\n  server b " + second_.local() +
           " maxconn 7 maxqueue 5\n"
           "  server c " +
           second_.local() + " backup\n  server d " + second_.local() +
           " disabled\n"
           "frontend front\n  bind 127.0.0.1:@front@\n  maxconn 20\n  default_backend back\n"
           "backend back\n  balance roundrobin\n  server e " +
           first_.local() + "\n";
  }
  void talk(Socket& client, const std::string& question, const std::string& answer) {
    client.send(question);
    kept_servers_.push_back((kept_servers_.empty() ? first_ : second_).accept());
    EXPECT_EQ(kept_servers_.back().read(question.size()), question);
    kept_servers_.back().send(answer);
    EXPECT_EQ(client.read(answer.size()), answer);
  }

  TempDir dir_;
  Listener first_, second_;
  Proxy proxy_;
  std::string path_;
  std::vector<Socket> kept_servers_;
  std::unique_ptr<Socket> kept_;
};

class BesideHaproxy : public testing::Test {
 protected:
  void SetUp() override {
    if (access(kHaproxy, X_OK) != 0) GTEST_SKIP() << "SKIPPED: no " << kHaproxy << " to compare with";
    ours_ = std::make_unique<Served>(KERBGATE_PROXY);
    theirs_ = std::make_unique<Served>(kHaproxy);
  }
  std::unique_ptr<Served> ours_, theirs_;
};

TEST_F(BesideHaproxy, ShowStatHasTheSameHeader) {
  const auto header = [](const std::string& csv) { return csv.substr(0, csv.find('\n')); };
  EXPECT_EQ(header(ours_->ask("show stat")), header(theirs_->ask("show stat")));
}

// Left out: ages, times and rates, which depend on the instant; addresses, which are different ports; and what HAProxy
// counts of idle connections towards servers and for HTTP's sake.
const std::set<std::string> kIncomparable{"lastchg",
                                          "lastsess",
                                          "downtime",
                                          "rate",
                                          "rate_max",
                                          "conn_rate",
                                          "conn_rate_max",
                                          "qtime",
                                          "ctime",
                                          "ttime",
                                          "qtime_max",
                                          "ctime_max",
                                          "ttime_max",
                                          "req_rate",
                                          "addr",
                                          "req_rate_max",
                                          "used_conn_cur",
                                          "need_conn_est",
                                          "h1_open_connections",
                                          "h1_total_connections"};

void expect_equal(const StatRows& ours, const StatRows& theirs, const std::set<std::string>& but_for) {
  ASSERT_EQ(ours.size(), theirs.size());
  for (const auto& [name, theirs_row] : theirs) {
    ASSERT_TRUE(ours.contains(name)) << name;
    for (const auto& [column, value] : theirs_row) {
      if (kIncomparable.contains(column) || but_for.contains(column)) continue;
      EXPECT_EQ(ours.at(name).at(column), value) << name << ' ' << column;
    }
  }
}

TEST_F(BesideHaproxy, ShowStatCountsTheSame) {
  // HAProxy adds a running connection's bytes now and then; here they are there at once.
  expect_equal(ours_->stat(), theirs_->stat(), {"bin", "bout"});
  EXPECT_EQ(ours_->stat().at("one/b").at("bout"), "3");
  ours_->end();
  theirs_->end();
  expect_equal(ours_->stat(), theirs_->stat(), {});
}

TEST_F(BesideHaproxy, ShowStatTypedAndJsonNameTheSameFields) {
  const auto names = [](const std::string& typed) {
    std::set<std::string> out;
    std::istringstream in(typed);
    for (std::string line; std::getline(in, line) && !line.empty();) {
      const std::size_t type = line.find(':', line.find(':') + 1);
      out.insert(line.substr(0, line.find(':', type + 1)));
    }
    return out;
  };
  EXPECT_EQ(names(ours_->ask("show stat typed")), names(theirs_->ask("show stat typed")));
  const std::string json = ours_->ask("show stat json");
  EXPECT_EQ(json.substr(0, 330), theirs_->ask("show stat json").substr(0, 330));
}

TEST_F(BesideHaproxy, ShowStatSelectsTheSameRows) {
  for (const char* command : {"show stat 2 4 -1", "show stat 2 1 -1", "show stat one 2 -1", "show stat 2 4 3",
                              "show stat -1 8 -1", "show stat up", "show stat no-maint", "show stat 99 -1 -1"}) {
    std::set<std::string> ours, theirs;
    for (const auto& [name, row] : stat_rows(ours_->ask(command))) ours.insert(name);
    for (const auto& [name, row] : stat_rows(theirs_->ask(command))) theirs.insert(name);
    EXPECT_EQ(ours, theirs) << command;
  }
}

TEST_F(BesideHaproxy, ShowInfoHasFieldsThatHaproxyHas) {
  const auto fields = [](const std::string& info) {
    std::map<std::string, std::string> out;
    std::istringstream in(info);
    for (std::string line; std::getline(in, line) && !line.empty();)
      out[line.substr(0, line.find(':'))] = line.substr(line.find(": ") + 2);
    return out;
  };
  const auto ours = fields(ours_->ask("show info")), theirs = fields(theirs_->ask("show info"));
  for (const auto& [name, value] : ours) EXPECT_TRUE(theirs.contains(name)) << name;
  for (const char* same : {"Nbthread", "Nbproc", "Process_num", "Maxconn", "CurrConns", "node", "Stopping"})
    EXPECT_EQ(ours.at(same), theirs.at(same)) << same;
}

TEST_F(BesideHaproxy, ServersStateIsTheSameButForPorts) {
  const auto lines = [](const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      std::vector<std::string> words;
      std::istringstream cut(line);
      for (std::string word; cut >> word;) words.push_back(word);
      if (words.size() == 25) words[9] = words[18] = "*";  // since the last change; the port
      std::string joined;
      for (const std::string& word : words) joined += word + ' ';
      out.push_back(joined);
    }
    return out;
  };
  EXPECT_EQ(lines(ours_->ask("show servers state")), lines(theirs_->ask("show servers state")));
  EXPECT_EQ(lines(ours_->ask("show servers state back")), lines(theirs_->ask("show servers state back")));
}

/// Answers that must be equal to the byte, errors above all.
TEST_F(BesideHaproxy, AnswersAreTheSameToTheByte) {
  const std::vector<std::string> kCommands{"set server",
                                           "set server one",
                                           "set server one/zz state drain",
                                           "set server zz/a state drain",
                                           "set server one/a",
                                           "set server one/a state",
                                           "set server one/a state foo",
                                           "set server one/a weight",
                                           "set server one/a weight x",
                                           "set server one/a weight 300",
                                           "set server one/a weight -1",
                                           "set server one/a weight 1x",
                                           "set server one/a weight 1%x",
                                           "set server one/a weight 200%",
                                           "set server one/a foo",
                                           "set server one/a addr",
                                           "set server one/a addr 1.2",
                                           "set server one/a addr 127.0.0.1",
                                           "set server one/a addr 127.0.0.1 port x",
                                           "set server one/a health",
                                           "set server one/a health foo",
                                           "set server one/a agent up",
                                           "set server one/a agent-addr 192.0.2.1",
                                           "set server one/a agent-port 1",
                                           "set server one/a agent-send x",
                                           "set server one/a fqdn other.example.com",
                                           "set server one/b check-port 80",
                                           "set server one/b check-addr 192.0.2.1",
                                           "set server one/a ssl on",
                                           "set server one/a ssl off",
                                           "set server one/a ssl",
                                           "get weight one/b",
                                           "get weight",
                                           "get weight one/zz",
                                           "get weight zz/a",
                                           "get weight one",
                                           "set weight one/b",
                                           "set weight",
                                           "set weight one/zz 3",
                                           "set weight one/b x",
                                           "set weight one/b 4;get weight one/b;set weight one/b 100%;get weight one/b",
                                           "disable server",
                                           "disable server one/zz",
                                           "enable server one/zz",
                                           "disable frontend",
                                           "disable frontend zz",
                                           "disable frontend front",
                                           "disable frontend front",
                                           "enable frontend front",
                                           "enable frontend front",
                                           "enable frontend zz",
                                           "shutdown session",
                                           "shutdown session 0x1",
                                           "shutdown session zz",
                                           "shutdown sessions server",
                                           "shutdown sessions server one/zz",
                                           "shutdown frontend",
                                           "shutdown frontend zz",
                                           "set maxconn global",
                                           "set maxconn frontend",
                                           "set maxconn frontend zz 3",
                                           "set maxconn frontend front",
                                           "set maxconn frontend front 10",
                                           "set maxconn server one/b 3",
                                           "set maxconn server one/b x",
                                           "set maxconn server one/b",
                                           "set maxconn global 50",
                                           "clear counters",
                                           "clear counters all",
                                           "show stat zz 1 1",
                                           "show sess 0x1",
                                           "show servers state zz",
                                           "show servers conn zz",
                                           "show errors zz",
                                           "show backend",
                                           "show cli level",
                                           "user",
                                           "operator",
                                           "set timeout cli",
                                           "set timeout cli 30",
                                           "set timeout",
                                           "quit",
                                           "operator;show cli level;user;show cli level;operator;show cli level",
                                           "prompt\nquit",
                                           "prompt\nset server one/a state xx\nquit",
                                           "prompt\nprompt\nshow cli level",
                                           "show cli level\nshow cli level",
                                           "  show   cli   level  ",
                                           "show cli level\r"};
  for (const std::string& command : kCommands) EXPECT_EQ(ours_->ask(command), theirs_->ask(command)) << command;
}

TEST_F(BesideHaproxy, LevelsPermitTheSame) {
  const std::vector<std::string> kCommands{"show info",
                                           "show stat",
                                           "show sess",
                                           "show errors",
                                           "show servers state",
                                           "show servers conn",
                                           "show backend",
                                           "show version",
                                           "show cli level",
                                           "show cli sockets",
                                           "get weight one/a",
                                           "set weight one/a 1",
                                           "set server one/a state ready",
                                           "disable server one/zz",
                                           "enable server one/zz",
                                           "disable frontend zz",
                                           "enable frontend zz",
                                           "shutdown frontend zz",
                                           "shutdown session 0x1",
                                           "shutdown sessions server one/zz",
                                           "set maxconn global 100",
                                           "set maxconn frontend zz 1",
                                           "set maxconn server one/zz 1",
                                           "clear counters",
                                           "clear counters all",
                                           "set timeout cli 10"};
  const auto denied = [](const std::string& answer) { return answer.find("Permission denied") != std::string::npos; };
  for (const std::string level : {"user", "operator"})
    for (const std::string& command : kCommands)
      EXPECT_EQ(denied(ours_->ask(level + ";" + command)), denied(theirs_->ask(level + ";" + command)))
          << level << "; " << command;
}

TEST_F(BesideHaproxy, StatusWordsFollowTheSameCommands) {
  for (const char* command :
       {"set server one/a state drain", "set server one/a state maint", "set server one/a state ready",
        "disable server one/b", "enable server one/b", "set server one/a weight 0", "set server one/a weight 5",
        "set server back/e state drain", "set server back/e state maint", "set server back/e state ready",
        "set server one/d state ready"}) {
    EXPECT_EQ(ours_->ask(command), theirs_->ask(command)) << command;
    const StatRows ours = ours_->stat(), theirs = theirs_->stat();
    for (const auto& [name, row] : theirs)
      for (const char* column : {"status", "weight", "act", "bck", "uweight"})
        EXPECT_EQ(ours.at(name).at(column), row.at(column)) << command << ": " << name << ' ' << column;
  }
}

}  // namespace
}  // namespace kerbgate::e2e
