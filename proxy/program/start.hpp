#pragma once

#include "program/command_line.hpp"

namespace kerbgate::program {

/// `-c`: every error and warning of the configuration and of its surroundings (names, user, chroot). 0 right, 1 not.
int check(const CommandLine& line);
/// `--check-names`: 0 when clients can use every name, 1 when not.
int check_names(const CommandLine& line);
/// `--explain`: 0 when the configuration is right, 1 when not.
int explain(const CommandLine& line);
/// Serves until told to end.
int serve(const CommandLine& line);

/// The program: `main` without its catch.
int run(int argc, const char* const* argv);

}  // namespace kerbgate::program
