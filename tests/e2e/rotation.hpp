#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "expect.hpp"
#include "support/cluster.hpp"

namespace kerbgate::e2e {

/// Three coordinators, a KDC and its kadmind; out/HOST/impala.keytab as `keytool plan` leaves them, and push(), which
/// brings them to the hosts. Administrators: full (i, s, m), setter (i, s), viewer (i), nobody (none).
class Rotation : public testing::Test {
 protected:
  static constexpr int kHosts = 3;

  Rotation() : cluster_(KERBGATE_BIN, kHosts) {
    const std::string realm = "@" + cluster_.realm().name();
    cluster_.realm().start_kadmind("full/admin" + realm + " ism\nsetter/admin" + realm + " is\nviewer/admin" + realm +
                                   " i\n");
    for (const std::string name : {"full", "setter", "viewer", "nobody"}) {
      cluster_.realm().add_service(name + "/admin");
      cluster_.realm().export_keytab({name + "/admin"}, admin(name));
    }
    for (int n = 1; n <= kHosts; ++n) {
      std::filesystem::create_directories(out_ + "/" + Cluster::host(n));
      std::filesystem::copy_file(cluster_.keytab(n), keytab(n));
      write_file(out_ + "/" + Cluster::host(n) + "/impalad_flags", read_file(cluster_.flagfile(n)));
    }
  }

  [[nodiscard]] std::string admin(const std::string& name) const { return cluster_.dir() / (name + ".keytab"); }
  [[nodiscard]] std::string keytab(int n) const { return out_ + "/" + Cluster::host(n) + "/impala.keytab"; }
  [[nodiscard]] std::vector<std::string> line(std::vector<std::string> words) const {
    words.insert(words.begin(), {KERBGATE_KEYTOOL, "rotate"});
    words.insert(words.end(), {"--principal", Cluster::kProxyPrincipal});
    return words;
  }

  /// The other steps wait for nothing and take no --now.
  static std::vector<std::string> now_at_purge(const std::string& step) {
    return step == "purge" ? std::vector<std::string>{"--now"} : std::vector<std::string>{};
  }

  Outcome keytool(std::vector<std::string> words) {
    words.insert(words.begin(), KERBGATE_KEYTOOL);
    return run(std::move(words), cluster_.environment());
  }
  /// A step with all keytabs, as the administrator `name`.
  Outcome rotate(const std::string& step, std::vector<std::string> more = {}, const std::string& name = "full") {
    more.insert(more.begin(), {step, "--keytabs", out_, "--kadmin-keytab", admin(name)});
    return run(line(std::move(more)), cluster_.environment());
  }
  Outcome status(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"status", "--keytabs", out_});
    return run(line(std::move(more)), cluster_.environment());
  }
  void must(const Outcome& outcome) const {
    if (outcome.status != 0) throw std::runtime_error(outcome.out + outcome.err);
  }

  /// out/HOST/impala.keytab to its host, as one act.
  void push() {
    for (int n = 1; n <= kHosts; ++n) {
      std::filesystem::copy_file(keytab(n), cluster_.keytab(n) + ".new",
                                 std::filesystem::copy_options::overwrite_existing);
      std::filesystem::rename(cluster_.keytab(n) + ".new", cluster_.keytab(n));
    }
  }

  /// Alice with a ticket of now for the proxy, in a credential cache of its own.
  Environment ticket(const std::string& label) {
    Environment alice = cluster_.environment() + cluster_.realm().login("alice");
    const std::string cache = alice.at("KRB5CCNAME").substr(5), kept = cache + "." + label;
    run_ok({"kvno", "-q", Cluster::kProxyPrincipal}, alice);
    std::filesystem::copy_file(cache, kept);
    return alice + Environment{{"KRB5CCNAME", "FILE:" + kept}};
  }
  /// The hosts that take it.
  std::string accepted(const Environment& ticket) {
    std::string hosts;
    for (int n = 1; n <= kHosts; ++n) {
      const Outcome login =
          run({std::string(KERBGATE_BIN) + "/shell", "--connect", cluster_.address(n), "--sasl-host", Cluster::kProxy},
              ticket);
      if (login.status == 0) hosts += std::to_string(n);
    }
    return hosts;
  }

  /// "1 2": the kvnos of the proxy's key in host n's keytab of out/.
  std::string kvnos(int n) {
    std::string out;
    for (const char digit : {'1', '2', '3', '4'}) {
      const Outcome found =
          keytool({"list", keytab(n), "--principal", Cluster::kProxyPrincipal + "@*", "--kvno", std::string(1, digit)});
      if (found.out.find(Cluster::kProxyPrincipal) != std::string::npos)
        out += (out.empty() ? "" : " ") + std::string(1, digit);
    }
    return out;
  }

  Cluster cluster_;
  const std::string out_ = cluster_.dir() / "out";
};

}  // namespace kerbgate::e2e
