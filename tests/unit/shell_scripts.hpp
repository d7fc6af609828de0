#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "unit/keytool/temporary_directory.hpp"

namespace kerbgate::test {

/// A completion script in the hands of the shell it is for, in a folder that holds a.keytab and folder/.
class ShellScripts : public testing::Test {
 protected:
  void SetUp() override {
    directory_.write("a.keytab", std::vector<std::uint8_t>{});
    std::filesystem::create_directory(directory_.file("folder"));
  }

  /// What shell `name` prints for `program`, which finds the script as ./script.
  std::string shell_with(const std::string& script, const std::string& name, const std::string& options,
                         const std::string& program) {
    directory_.write("script", std::vector<std::uint8_t>(script.begin(), script.end()));
    directory_.write("program", std::vector<std::uint8_t>(program.begin(), program.end()));
    const std::string at = "cd " + directory_.file("folder") + "/.. && ";
    return printed(at + "env HOME=. " + name + " " + options + " ./program 2>&1");
  }

  static std::string printed(const std::string& command) {
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return "popen failed";
    std::string text;
    char buffer[4096];
    while (const std::size_t n = fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
    return pclose(pipe) == 0 ? text : "exit status not 0\n" + text;
  }

  static bool installed(const std::string& name) { return printed("command -v " + name + " || true") != ""; }

  TemporaryDirectory directory_;
};

}  // namespace kerbgate::test
