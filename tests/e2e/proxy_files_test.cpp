#include <gtest/gtest.h>
#include <sys/stat.h>

#include "expect.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

/// Several files and folders as one configuration.
namespace kerbgate::e2e {
namespace {

class ProxyFolder : public testing::Test {
 protected:
  ProxyFolder() {
    mkdir(folder_.c_str(), 0755);
    write_file(dir_ / "first.cfg", "defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n");
    write_file(folder_ + "/20-servers.cfg", "backend b\n server s 127.0.0.1:1\n");
    write_file(folder_ + "/10-listener.cfg", "frontend f\n bind :25003\n default_backend b\n");
  }
  Outcome check() { return run({KERBGATE_PROXY, "-c", "-f", dir_ / "first.cfg", "-f", folder_}, {}); }

  TempDir dir_;
  const std::string folder_ = dir_ / "conf.d";
};

TEST_F(ProxyFolder, IsReadBehindTheFileBeforeIt) {
  const Outcome outcome = check();
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "") << "the defaults of the first file reach into the folder's";
}

TEST_F(ProxyFolder, IsReadInTheOrderOfItsNames) {
  write_file(folder_ + "/15-wrong.cfg", "listen a\n timout\n");
  write_file(folder_ + "/05-wrong.cfg", "listen b\n timout\n");
  const Outcome outcome = check();
  EXPECT_EQ(outcome.status, 1);
  EXPECT_LT(outcome.err.find("05-wrong.cfg:2]"), outcome.err.find("15-wrong.cfg:2]"));
  EXPECT_TRUE(contains(outcome.err, "15-wrong.cfg:2]"));
}

TEST_F(ProxyFolder, HoldsOtherFilesUnread) {
  for (const char* name : {"/.hidden.cfg", "/notes.txt", "/30-servers.cfg.bak"})
    write_file(folder_ + name, "nonsense\n");
  EXPECT_EQ(check().status, 0);
}

TEST_F(ProxyFolder, WithoutAnyIsAnError) {
  const std::string empty = dir_ / "empty.d";
  mkdir(empty.c_str(), 0755);
  const Outcome outcome = run({KERBGATE_PROXY, "-c", "-f", empty}, {});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(contains(outcome.err, empty + " holds no *.cfg file"));
}

}  // namespace
}  // namespace kerbgate::e2e
