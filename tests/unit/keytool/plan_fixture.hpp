#pragma once

#include <sys/stat.h>

#include <fstream>
#include <map>

#include "unit/keytool/keytab_cli_fixture.hpp"

/// A folder of keytabs, an inventory, and `keytool plan` on them.
class PlanCli : public KeytabCli {
 protected:
  PlanCli() {
    std::filesystem::create_directory(path("keys"));
    inventory("[coordinators]\nc[1:2].example.com\n[executors]\ne1.example.com\n");
    for (const char* host : {"c1", "c2", "e1"}) keys(std::string(host) + ".example.com.keytab", {record(host)});
    keys("proxy.keytab", {record("lb")});
  }

  static keytab_fixture::Record record(const std::string& host, std::uint32_t kvno = 3, char letter = 0) {
    return keytab_fixture::record(host, kvno, letter == 0 ? host[0] : letter);
  }
  void inventory(const std::string& text) const { std::ofstream(path("inventory")) << text; }
  void keys(const std::string& name, const std::vector<keytab_fixture::Record>& records) const {
    std::filesystem::create_directories(std::filesystem::path(path("keys/" + name)).parent_path());
    put("keys/" + name, records);
  }

  Ran plan(const std::vector<std::string>& more = {}) {
    std::vector<std::string> line{"plan",   "--inventory", "./inventory", "--proxy", "lb.example.com", "--keytabs",
                                  "./keys", "--out",       "./out",       "--realm", "EXAMPLE.COM"};
    line.insert(line.end(), more.begin(), more.end());
    return keytool(line);
  }

  /// As entries(): "c3c l3l".
  [[nodiscard]] std::string planned(const std::string& host) const {
    std::string out;
    for (const std::string& one : entries("out/" + host + ".example.com/impala.keytab")) {
      out += (out.empty() ? "" : " ") + one;
    }
    return out;
  }

  /// Every file below OUT by its inode and time of change.
  [[nodiscard]] std::map<std::string, std::string> state_of_out() const {
    std::map<std::string, std::string> out;
    if (!std::filesystem::exists(path("out"))) return out;
    for (const auto& item : std::filesystem::recursive_directory_iterator(path("out"))) {
      struct stat status {};
      EXPECT_EQ(::lstat(item.path().c_str(), &status), 0);
      if (S_ISDIR(status.st_mode)) continue;
      out[item.path().lexically_relative(path("out"))] = std::to_string(status.st_ino) + " " +
                                                         std::to_string(status.st_mtim.tv_sec) + "." +
                                                         std::to_string(status.st_mtim.tv_nsec);
    }
    return out;
  }
};
