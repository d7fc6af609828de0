#include <gtest/gtest.h>

#include "expect.hpp"
#include "support/realm.hpp"

/// `keytool ktutil` beside a real KDC.
namespace kerbgate::e2e {
namespace {

constexpr const char* kUser = "impala/lb.example.com@EXAMPLE.TEST";

class Ktutil : public testing::Test {
 protected:
  Outcome ktutil(const std::vector<std::string>& lines) {
    Process process({KERBGATE_KEYTOOL, "ktutil"}, realm_.environment());
    for (const std::string& line : lines) process.send_line(line);
    process.close_input();
    Outcome outcome;
    outcome.status = process.wait();
    outcome.out = process.out();
    outcome.err = process.err();
    return outcome;
  }

  TempDir dir_;
  Realm realm_{dir_};
  const std::string keytab_ = dir_ / "made.keytab";
};

TEST_F(Ktutil, AKeyMadeWithTheKdcsSaltLogsIn) {
  realm_.kadmin({"addprinc", "-pw", "first", "impala/old@EXAMPLE.TEST"});
  realm_.kadmin({"cpw", "-pw", "first", "impala/old@EXAMPLE.TEST"});
  realm_.kadmin({"renprinc", "impala/old@EXAMPLE.TEST", kUser});  // keeps the old name's salt
  const std::string add = std::string("addent -password -p ") + kUser + " -k 2 ";
  const Outcome made = ktutil({add + "-f", "first", "l -e", "wkt " + keytab_});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_TRUE(contains(made.out, "(aes256-cts"));
  const Outcome login = run({"kinit", "-k", "-t", keytab_, kUser}, realm_.environment());
  EXPECT_EQ(login.status, 0) << login.err;
}

TEST_F(Ktutil, APrincipalThatTheKdcDoesNotKnowIsNamedSo) {
  const Outcome made = ktutil({"addent -password -p nobody -k 1 -f", "first"});
  EXPECT_EQ(made.status, 1);
  EXPECT_TRUE(contains(made.err, "addent: Client not found in Kerberos database while adding new entry"));
}

}  // namespace
}  // namespace kerbgate::e2e
