#include "diagnosis/verify.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "counted.hpp"
#include "diagnosis/access_checks.hpp"
#include "diagnosis/cause.hpp"
#include "diagnosis/flag_checks.hpp"
#include "diagnosis/keytab_checks.hpp"
#include "diagnosis/name_checks.hpp"
#include "kerbgate/keytab.hpp"
#include "keytab/file.hpp"
#include "lower.hpp"
#include "text_file.hpp"

namespace kerbgate::diagnosis {
namespace {

constexpr const char* kFileCheck = "keytab file";
/// No daemon's keytab comes near; what is larger is not read into memory.
constexpr off_t kLargest = off_t{64} << 20;

/// Without FILE: in front.
std::string absolute(const std::string& name) {
  if (name == "-") return name;
  const auto path = keytab::file_path(name);
  return std::filesystem::absolute(path ? *path : name).lexically_normal().string();
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return std::filesystem::path(a).lexically_normal() == std::filesystem::path(b).lexically_normal() ||
         std::filesystem::equivalent(a, b, ignored);
}

/// What this host's gethostname() gives, when it is the host in question.
std::string own_hostname(const std::string& host) {
  std::array<char, 256> buffer{};
  if (gethostname(buffer.data(), buffer.size() - 1) != 0) return {};
  const std::string name = buffer.data();
  return lower(name.substr(0, name.find('.'))) == host.substr(0, host.find('.')) ? name : std::string();
}

class Verification {
 public:
  Verification(const VerifyInput& input, Resolver& resolver) : input_(input), resolver_(resolver) {
    file_ = absolute(input.keytab);
    path_ = input.keytab_path.empty() ? (file_ == "-" ? "" : file_) : input.keytab_path;
    in_place_ = file_ != "-" && same_file(file_, path_);
  }

  std::vector<CheckResult> run() {
    if (!spelling()) return std::move(results_);
    if (input_.names) names();
    if (look_at_file()) contents();
    access();
    flags();
    return std::move(results_);
  }

 private:
  void add(CheckResult result) { results_.push_back(std::move(result)); }
  void add(std::vector<CheckResult> more) { std::move(more.begin(), more.end(), std::back_inserter(results_)); }

  /// False when no principal can be made of the names.
  bool spelling() {
    add(spelling_check(input_.host));
    if (!input_.proxy.empty()) add(spelling_check(input_.proxy));
    if (worst(results_) == Verdict::fail) return false;
    host_ = Fqdn::parse(input_.host)->str();
    if (!input_.proxy.empty()) proxy_ = Fqdn::parse(input_.proxy)->str();
    if (input_.role == Role::coordinator && host_ == proxy_) {
      add(problem(Verdict::fail, host_, "proxy", "the host has the proxy's name", Cause::proxy_is_a_coordinator,
                  {{"proxy", proxy_}}));
    }
    return true;
  }

  void names() {
    add(name_checks(host_, {}, resolver_));
    if (!proxy_.empty() && proxy_ != host_) add(name_checks(proxy_, {&host_, 1}, resolver_));
  }

  [[nodiscard]] Principal principal(const std::string& host) const { return {{input_.service, host}, input_.realm, 1}; }

  /// Only a regular file is opened: a pipe without a writer would never answer.
  bool look_at_file() {
    if (file_ == "-") return true;
    if (::stat(file_.c_str(), &status_) != 0) {
      const int error = errno;
      if (error == ENOENT || error == ENOTDIR) {
        add(problem(Verdict::fail, file_, kFileCheck, "not there", Cause::keytab_missing,
                    {{"keytab", file_}, {"user", user_name()}}));
      } else {
        add(skipped(file_, kFileCheck, std::string(std::strerror(error)) + " for uid " + std::to_string(geteuid())));
      }
      return false;
    }
    there_ = true;
    if (S_ISREG(status_.st_mode) && status_.st_size <= kLargest) return true;
    if (S_ISREG(status_.st_mode)) {
      add(problem(Verdict::fail, file_, kFileCheck, counted(static_cast<std::size_t>(status_.st_size), "byte"),
                  Cause::not_a_keytab, {{"keytab", file_}}));
      return false;
    }
    add(problem(Verdict::fail, file_, kFileCheck,
                S_ISDIR(status_.st_mode) ? "a directory" : "neither a regular file nor a link to one",
                Cause::keytab_not_a_file, {{"keytab", file_}, {"user", user_name()}}));
    return false;
  }

  void contents() {
    const auto scan = keytab::read(file_);
    // What came through a pipe is called by its place on the host.
    const std::string name = file_ == "-" && !path_.empty() ? path_ : file_;
    if (!scan && scan.error().is(Errc::not_a_keytab)) {
      return add(problem(Verdict::fail, name, kFileCheck, scan.error().what, Cause::not_a_keytab, {{"keytab", name}}));
    }
    if (!scan) return add(skipped(name, kFileCheck, scan.error().what));
    add(passed(name, kFileCheck, there_ ? owner_text(status_) : "read from standard input"));
    KeytabNeeds needs{name, host_, std::nullopt, principal(host_), input_.now};
    if (input_.role == Role::coordinator) needs.external = principal(proxy_);
    add(keytab_checks(*scan, needs, resolver_));
  }

  [[nodiscard]] std::string user_name() const { return input_.user.empty() ? input_.service : input_.user; }

  void access() {
    const std::string check = "readable by " + user_name();
    if (!in_place_) {
      const std::string what = file_ == "-" ? "standard input" : "this is a copy";
      return add(skipped(file_, check, what + (path_.empty() ? "" : " of " + path_) + "; run it on " + host_));
    }
    add(var_tmp_check(input_.var_tmp));
    if (!there_ || !S_ISREG(status_.st_mode)) return;
    const auto user = find_user(user_name());
    if (user) {
      add(ownership_checks(file_, status_, *user));
      if (auto open = open_directory_check(file_)) add(std::move(*open));
      return add(readable_check(file_, *user));
    }
    if (auto unsafe = world_check(file_, status_)) add(std::move(*unsafe));
    if (input_.user.empty()) return add(skipped(file_, check, user.error().what + "; name the daemon's with --user"));
    add(problem(Verdict::fail, file_, check, user.error().what, Cause::user_unknown, {}));
  }

  /// The flags as `keytool flags` would write them; nullopt, with a row, when it would refuse.
  std::optional<DaemonFlags> wanted_flags() {
    KerberosSetup setup;
    if (!proxy_.empty()) setup.proxy = *Fqdn::parse(proxy_);
    setup.service = input_.service;
    setup.realm = input_.realm;
    setup.keytab = path_.empty() ? "/etc/" + input_.service + "/conf/" + input_.service + ".keytab" : path_;
    setup.proxy_on_coordinator = true;  // said by a row of its own
    auto wanted = daemon_flags(setup, *Fqdn::parse(host_), input_.role);
    if (wanted) return std::move(*wanted);
    add(skipped(input_.flagfile, "flagfile", wanted.error().what));
    return std::nullopt;
  }

  void flags() {
    if (input_.flagfile.empty()) {
      return add(skipped(host_, "flags", "no --flagfile was given"));
    }
    const auto text = flagfile_text();
    if (!text) {
      return add(problem(Verdict::fail, input_.flagfile, "flagfile", text.error().what, Cause::flagfile_unreadable,
                         {{"flagfile", input_.flagfile}}));
    }
    const auto wanted = wanted_flags();
    if (!wanted) return;
    const FlagfileForm form = flagfile_form(*text, {input_.flagfile, *wanted, file_, proxy_, host_});
    add(form.results);
    FlagNeeds needs{input_.flagfile, *wanted, proxy_.empty() ? "" : principal(proxy_).str(), input_.hostname_output,
                    same_file};
    if (needs.hostname.empty() && in_place_) needs.hostname = own_hostname(host_);
    add(flag_checks(form, needs));
  }

  Result<std::string> flagfile_text() {
    struct stat status {};
    if (::stat(input_.flagfile.c_str(), &status) != 0) return system_error(errno, "open " + input_.flagfile);
    if (!S_ISREG(status.st_mode)) return Error(Errc::io, input_.flagfile + ": not a regular file");
    return read_text(input_.flagfile);
  }

  const VerifyInput& input_;
  Resolver& resolver_;
  std::string file_;       ///< absolute, or "-"
  std::string path_;       ///< where the daemon reads it; empty: not known
  bool in_place_ = false;  ///< the file is the daemon's own
  std::string host_, proxy_;
  struct stat status_ {};
  bool there_ = false;
  std::vector<CheckResult> results_;
};

}  // namespace

std::vector<CheckResult> verify(const VerifyInput& input, Resolver& resolver) {
  return Verification(input, resolver).run();
}

bool looked_at_keytab(const std::vector<CheckResult>& results) {
  return std::none_of(results.begin(), results.end(), [](const CheckResult& result) {
    return result.check == kFileCheck && result.verdict == Verdict::skip;
  });
}

}  // namespace kerbgate::diagnosis
