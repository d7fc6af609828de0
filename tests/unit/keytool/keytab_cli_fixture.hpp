#pragma once

#include <gtest/gtest.h>

#include <sstream>

#include "commands/rows.hpp"
#include "unit/keytool/keytab_fixture.hpp"
#include "unit/keytool/support/fake_resolver.hpp"
#include "unit/keytool/temporary_directory.hpp"

/// keytool's command line, run in this process on files of the test's own directory.
class KeytabCli : public testing::Test {
 protected:
  struct Ran {
    int status;
    std::string out, err;
    [[nodiscard]] bool says(const std::string& part) const { return err.find(part) != std::string::npos; }
    [[nodiscard]] bool prints(const std::string& part) const { return out.find(part) != std::string::npos; }
  };

  /// Arguments that begin with ./ are files of the directory.
  Ran keytool(std::vector<std::string> arguments, bool terminal = false) {
    for (std::string& argument : arguments) {
      if (argument.starts_with("./")) argument = path(argument.substr(2));
    }
    std::istringstream in;
    std::ostringstream out, err;
    kerbgate::commands::Environment environment{in, out, err, resolver_, terminal};
    const auto status = kerbgate::commands::dispatch(arguments, kerbgate::commands::all_commands(), environment);
    return {static_cast<int>(status), out.str(), err.str()};
  }

  [[nodiscard]] std::string path(const std::string& name) const { return directory_.file(name); }

  /// One sound entry a record.
  void put(const std::string& name, const std::vector<keytab_fixture::Record>& records) const {
    keytab_fixture::File file;
    for (const auto& record : records) file.add(record);
    directory_.write(name, file.octets());
  }

  /// "a3k": first letter of the host, kvno, first letter of the key.
  [[nodiscard]] std::vector<std::string> entries(const std::string& name) const {
    const auto octets = octets_of(path(name));
    const auto scanned = kerbgate::keytab::scan(octets);
    EXPECT_TRUE(scanned) << name;
    std::vector<std::string> out;
    if (!scanned) return out;
    for (const auto& entry : scanned->entries) {
      out.push_back(entry.principal.components.back().substr(0, 1) + std::to_string(entry.kvno) +
                    static_cast<char>(entry.key.bytes()[0]));
    }
    return out;
  }

  TemporaryDirectory directory_;
  kerbgate::test::FakeResolver resolver_;
};

using Shown = std::vector<std::string>;
