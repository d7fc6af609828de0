#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <iostream>

#include "commands/ktutil_console.hpp"
#include "commands/rows.hpp"
#include "kerbgate/realm.hpp"
#include "keytab/file.hpp"
#include "ktutil/interpreter.hpp"

namespace kerbgate::commands {
namespace {

po::options_description options() { return po::options_description(); }

/// Files, krb5.conf, the KDC and the clock for the interpreter; questions go to the console.
class World : public ktutil::Outside {
 public:
  explicit World(Console& console) : console_(console) {}

  Result<keytab::Scan> read(const std::string& path) override {
    if (is_directory(path)) return directory_error(path);
    return keytab::read(as_file(path));
  }

  Result<keytab::Scan> read_target(const std::string& path) override {
    if (is_directory(path)) return directory_error(path);
    const auto file = keytab::file_path(path);
    if (!file) return file.error();
    struct stat status {};
    const bool there = ::stat(file->c_str(), &status) == 0;
    if ((!there && errno == ENOENT) || (there && S_ISREG(status.st_mode) && status.st_size == 0)) return keytab::Scan{};
    return keytab::read(as_file(path));
  }

  Result<void> write(const std::string& path, std::span<const keytab::Entry> entries,
                     const keytab::Scan& target) override {
    keytab::WriteOptions how;
    how.unchanged_since = target.state;
    return keytab::write_file(path, entries, how);
  }

  Result<std::string> default_realm() override { return kerbgate::default_realm(); }

  Result<PasswordKey> password_key(const PasswordKeyRequest& request, const Secret& password) override {
    return string_to_key(request, password);
  }
  std::optional<Secret> ask(const std::string& prompt) override { return console_.secret(prompt); }
  std::uint32_t now() override { return static_cast<std::uint32_t>(std::time(nullptr)); }

 private:
  /// "-" is a file's name here: standard input is the script.
  static std::string as_file(const std::string& path) { return path == "-" ? "./-" : path; }
  static bool is_directory(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  }
  static Error directory_error(const std::string& path) {
    return {std::make_error_code(std::errc::is_a_directory), path + " is a directory"};
  }

  Console& console_;
};

int octet_of_stdin() {
  std::uint8_t octet = 0;
  ssize_t got = 0;
  do {
    got = ::read(STDIN_FILENO, &octet, 1);
  } while (got < 0 && errno == EINTR);
  return got == 1 ? octet : -1;
}

std::unique_ptr<Console> console_for(Environment& environment) {
  if (&environment.in != &std::cin) {
    return std::make_unique<ScriptConsole>([&in = environment.in] { return in.get(); });
  }
  if (isatty(STDIN_FILENO) == 1) return std::make_unique<TerminalConsole>();
  return std::make_unique<ScriptConsole>(octet_of_stdin);
}

Result<Exit> run(const Values& /*values*/, Environment& environment) {
  const auto console = console_for(environment);
  World world(*console);
  ktutil::Interpreter interpreter(world);
  Exit status = Exit::ok;
  while (const auto line = console->line()) {
    const ktutil::Reply reply = interpreter.run(*line);
    wipe_dead_stack();
    environment.out << reply.out << std::flush;
    for (const std::string& text : reply.said) environment.err << text << '\n';
    if (reply.failed) status = Exit::check_failed;
    if (reply.quit) break;
  }
  return status;
}

}  // namespace

const Command kKtutil{
    "Keytabs",
    "ktutil",
    "MIT ktutil's own commands, from standard input or at a prompt",
    "[< SCRIPT]",
    "Takes rkt, wkt, addent, delent, l, clear, lr and q, and their long names. On a terminal there is a prompt\n"
    "with line editing, history and completion; otherwise each line of standard input is a request, and what\n"
    "addent asks for is the next line. Errors have ktutil's words. Unlike MIT's: damage is an error, a write is\n"
    "atomic and drops exact duplicates, and the exit status is 1 after any request that failed; the other\n"
    "requests are still done. docs/ktutil.md lists every difference.",
    "keytool ktutil\n"
    "printf 'rkt host1.keytab\\nrkt proxy.keytab\\nwkt impala.keytab\\nquit\\n' | keytool ktutil",
    {},
    options,
    run,
};

}  // namespace kerbgate::commands
