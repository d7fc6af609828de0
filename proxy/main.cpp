#include <exception>
#include <iostream>

#include "program/start.hpp"

int main(int argc, char** argv) {
  try {
    return kerbgate::program::run(argc, argv);
  } catch (const std::exception& bug) {
    std::cerr << "[ALERT]    : internal error: " << bug.what() << '\n';
    return 3;
  }
}
