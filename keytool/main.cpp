#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "commands/rows.hpp"

namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

int main(int count, char** words) {
  using namespace kerbgate::commands;
  try {
    std::signal(SIGXFSZ, SIG_IGN);  // a limit of file size is an error to be told, not a death
    std::ios::sync_with_stdio(false);
    const bool terminal = isatty(STDOUT_FILENO) == 1;
    kerbgate::SystemResolver resolver;
    Environment environment{std::cin,     std::cout, std::cerr, resolver, terminal, terminal && !is_set("NO_COLOR"),
                            STDOUT_FILENO};
    const std::vector<std::string> arguments(words + (count > 0 ? 1 : 0), words + count);
    return static_cast<int>(dispatch(arguments, all_commands(), environment));
  } catch (const std::exception& error) {
    std::cerr << "keytool: " << error.what() << " (this is a defect, please report it)\n";
    return static_cast<int>(Exit::failed);
  }
}
