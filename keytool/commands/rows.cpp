#include "commands/rows.hpp"

#include <vector>

namespace kerbgate::commands {

Table all_commands() {
  static const std::vector<const Command*> rows{&kList,  &kRead, &kMerge,  &kWrite,  &kKtutil, &kRotate,
                                                &kFlags, &kPlan, &kVerify, &kDoctor, &kClient, &kCompletion};
  return rows;
}

}  // namespace kerbgate::commands
