#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/keytool/process_memory.hpp"
#include "unit/keytool/temporary_directory.hpp"

/// What a process of `keytool ktutil` still holds after `clear`.
namespace {

TEST(KtutilWipe, NoKeyAndNoPasswordIsLeftAfterClear) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "SKIPPED: a sanitizer keeps freed memory and stacks of its own";
#endif
  const TemporaryDirectory work;
  int in[2], out[2];
  ASSERT_EQ(pipe(in), 0);
  ASSERT_EQ(pipe(out), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(in[0], 0), dup2(out[1], 1);
    close(in[1]), close(out[0]);
    if (chdir(work.path().c_str()) == 0) execl(KERBGATE_KEYTOOL, "keytool", "ktutil", nullptr);
    _exit(127);
  }
  close(in[0]), close(out[1]);
  const auto say = [&](const std::string& text) {
    EXPECT_EQ(write(in[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  };
  // The answer's last line: all before it is done.
  const auto wait_for_list = [&] {
    std::string seen;
    for (char c = 0; !seen.ends_with("Exit program.\n") && read(out[0], &c, 1) == 1;) seen += c;
  };
  const std::string key("\xf0\x0d\xfa\xce\xf0\x0d\xfa\xce\xca\xfe\xba\xbe\xca\xfe\xba\xbe");
  say("addent -password -p a@R -k 1 -e aes256-cts\nCorrectHorseBattery\n"
      "addent -key -p a@R -k 1 -e rc4-hmac\nf00dfacef00dfacecafebabecafebabe\nwkt new\n?\n");
  wait_for_list();
  EXPECT_GE(occurrences(child, key), 1u);
  say("clear\n?\n");
  wait_for_list();
  EXPECT_EQ(occurrences(child, key), 0u);
  EXPECT_EQ(occurrences(child, "f00dfacef00dface"), 0u);
  EXPECT_EQ(occurrences(child, "CorrectHorse"), 0u);
  close(in[1]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  close(out[0]);
}

}  // namespace
