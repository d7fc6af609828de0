#include "commands/keytab_inputs.hpp"

#include <algorithm>

namespace kerbgate::commands {

Result<std::vector<Input>> read_inputs(const std::vector<std::string>& names) {
  if (std::ranges::count(names, "-") > 1) return Error(Errc::invalid, "standard input (-) is named more than once");
  std::vector<Input> out;
  for (const std::string& name : names) {
    Input& input = out.emplace_back();
    input.name = name;
    auto scan = keytab::read(name);
    if (scan) {
      input.scan = std::move(*scan);
    } else {
      input.error = std::move(scan).error();
    }
  }
  return out;
}

Exit status_of(const Error& error) { return error.is(Errc::not_a_keytab) ? Exit::check_failed : exit_for(error); }

Exit worse(Exit a, Exit b) { return static_cast<int>(a) < static_cast<int>(b) ? b : a; }

std::string shown_name(const Input& input) { return input.name == "-" ? "standard input" : input.name; }

}  // namespace kerbgate::commands
