#include "support/realm.hpp"

#include <filesystem>
#include <functional>
#include <stdexcept>

#include "support/socket.hpp"

namespace kerbgate::e2e {
namespace {

/// Debian keeps the KDC's programs where a user's PATH does not look.
std::string program(const std::string& name) {
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/usr/local/sbin/"})
    if (std::filesystem::exists(folder + name)) return folder + name;
  throw std::runtime_error(name + " is not installed: apt-get install krb5-kdc krb5-admin-server krb5-user");
}

/// Tries again where another process was quicker to take a free port.
void while_ports_are_taken(const std::function<void()>& start) {
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) try {
      return start();
    } catch (const std::runtime_error&) {
      if (attempt == kAttempts) throw;
    }
}

/// A time as the dump of a database has it: four octets, the lowest first, in hexadecimal.
std::string dumped(std::uint32_t time) {
  std::string out;
  for (int octet = 0; octet < 4; ++octet, time >>= 8) {
    constexpr char kHex[] = "0123456789abcdef";
    out += {kHex[(time >> 4) & 15], kHex[time & 15]};
  }
  return out;
}

std::uint32_t undumped(const std::string& text) {
  std::uint32_t time = 0;
  for (std::size_t octet = 4; octet-- > 0;)
    time = time << 8 | static_cast<std::uint32_t>(std::stoul(text.substr(2 * octet, 2), nullptr, 16));
  return time;
}

}  // namespace

Realm::Realm(const TempDir& dir, Options options) : dir_(dir / "realm"), options_(std::move(options)) {
  std::filesystem::create_directory(dir_);
  write_file(dir_ + "/acl", "");
  write_kdc_conf();
  write_krb5_conf();
  run_ok({program("kdb5_util"), "create", "-r", name(), "-s", "-W", "-P", "master"}, environment());
  while_ports_are_taken([&] { start(); });
}

void Realm::start(const Environment& more) {
  port_ = free_port();
  write_kdc_conf();
  write_krb5_conf();
  auto kdc =
      std::make_unique<Process>(std::vector<std::string>{program("krb5kdc"), "-n", "-r", name()}, environment() + more);
  kdc->wait_for_line("commencing operation");
  kdc_ = std::move(kdc);
}

void Realm::start_kadmind(const std::string& acl) {
  write_file(dir_ + "/acl", acl);
  while_ports_are_taken([&] {
    kadmind_port_ = free_port();
    kpasswd_port_ = free_port();
    write_kdc_conf();
    write_krb5_conf();
    auto kadmind =
        std::make_unique<Process>(std::vector<std::string>{program("kadmind"), "-nofork", "-r", name()}, environment());
    kadmind->wait_for_line("starting");
    kadmind_ = std::move(kadmind);
  });
}

void Realm::write_krb5_conf() const { write_file(dir_ + "/krb5.conf", krb5_conf(options_)); }

std::string Realm::krb5_conf(const Options& options) const {
  return "[libdefaults]\n  default_realm = " + options.name +
         "\n  dns_lookup_kdc = false\n  dns_lookup_realm = false\n  udp_preference_limit = 1\n  rdns = " +
         (options.rdns ? "true" : "false") + "\n  dns_canonicalize_hostname = " + options.canonicalize +
         "\n  ticket_lifetime = " + options.ticket_lifetime + "\n[realms]\n  " + options.name +
         " = {\n    kdc = 127.0.0.1:" + std::to_string(port_) +
         (kadmind_port_ == 0 ? "" : "\n    admin_server = 127.0.0.1:" + std::to_string(kadmind_port_)) +
         "\n  }\n[domain_realm]\n  .example.test = " + options.name + "\n";
}

void Realm::write_kdc_conf() const {
  write_file(dir_ + "/kdc.conf",
             "[kdcdefaults]\n  kdc_listen = \"\"\n  kdc_tcp_listen = 127.0.0.1:" + std::to_string(port_) +
                 "\n[realms]\n  " + name() + " = {\n    database_name = " + dir_ +
                 "/principal\n    key_stash_file = " + dir_ + "/stash\n    acl_file = " + dir_ +
                 "/acl\n    kadmind_listen = 127.0.0.1:" + std::to_string(kadmind_port_) +
                 "\n    kpasswd_listen = 127.0.0.1:" + std::to_string(kpasswd_port_) +
                 "\n    supported_enctypes = aes256-cts-hmac-sha1-96:normal "
                 "aes128-cts-hmac-sha1-96:normal\n  }\n[logging]\n  kdc = STDERR\n  admin_server = STDERR\n");
}

Environment Realm::environment() const {
  return {{"KRB5_CONFIG", dir_ + "/krb5.conf"}, {"KRB5_KDC_PROFILE", dir_ + "/kdc.conf"}};
}

Environment Realm::environment_with(const std::string& label, const Options& options) const {
  const std::string file = dir_ + "/krb5-" + label + ".conf";
  write_file(file, krb5_conf(options));
  return environment() + Environment{{"KRB5_CONFIG", file}};
}

void Realm::kadmin(std::vector<std::string> command) {
  command.insert(command.begin(), {program("kadmin.local"), "-r", name()});
  run_ok(std::move(command), environment());
}

void Realm::add_service(const std::string& principal) {
  kadmin({"addprinc", "-requires_preauth", "-randkey", principal});
}

void Realm::add_user(const std::string& principal) {
  add_service(principal);
  export_keytab({principal}, dir_ + "/" + principal + ".keytab");
}

void Realm::stop_kdc() { kdc_.reset(); }

void Realm::restart_kdc(const Environment& more) {
  stop_kdc();
  while_ports_are_taken([&] { start(more); });
}

Environment Realm::shifted_clock(int seconds) {
  return {{"LD_PRELOAD", KERBGATE_SHIFTED_CLOCK}, {"KERBGATE_CLOCK_OFFSET", std::to_string(seconds)}};
}

Environment Realm::moving_clock(const std::string& file) {
  return {{"LD_PRELOAD", KERBGATE_SHIFTED_CLOCK}, {"KERBGATE_CLOCK_FILE", file}};
}

void Realm::change_key(const std::string& principal) { kadmin({"cpw", "-randkey", principal}); }

void Realm::age_key(const std::string& principal, std::uint32_t seconds) {
  const std::string file = dir_ + "/aged.dump", tool = program("kdb5_util");
  run_ok({tool, "-r", name(), "dump", file, principal + "@" + name()}, environment());
  std::string text = read_file(file);
  // Tagged data 1 (the last change of the password), of 4 octets.
  const std::string tag = "\t1\t4\t";
  const std::size_t at = text.find(tag);
  if (at == std::string::npos) throw std::runtime_error("no time of the last change in:\n" + text);
  text.replace(at + tag.size(), 8, dumped(undumped(text.substr(at + tag.size(), 8)) - seconds));
  write_file(file, text);
  run_ok({tool, "-r", name(), "load", "-update", file}, environment());
}

void Realm::export_keytab(const std::vector<std::string>& principals, const std::string& file) {
  std::vector<std::string> command{"ktadd", "-norandkey", "-k", file};
  command.insert(command.end(), principals.begin(), principals.end());
  kadmin(std::move(command));
}

Environment Realm::login(const std::string& user) {
  const std::string cache = "FILE:" + dir_ + "/" + user + ".ccache";
  run_ok({program("kinit"), "-k", "-t", dir_ + "/" + user + ".keytab", "-c", cache, user}, environment());
  return environment() + Environment{{"KRB5CCNAME", cache}};
}

}  // namespace kerbgate::e2e
