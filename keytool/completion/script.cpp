#include "completion/shell.hpp"

namespace kerbgate::completion {
namespace {

std::string bash_script(const Program& program) {
  return bash::begin(program.name, program.written_by) + "  case $before in\n" +
         bash::value_cases(program.options, "    ") + "    *) words='" + bash::all_spellings(program.options) +
         "' ;;\n  esac\n" + bash::end(program.name);
}

std::string zsh_script(const Program& program) {
  std::string text = "#compdef " + program.name + "\n# zsh completion of " + program.name +
                     ", written by: " + program.written_by + "\n" + function_name(program.name) +
                     "() {\n  _arguments -S \\\n";
  for (const auto& option : program.options) text += zsh::option_lines(option);
  text.resize(text.size() - 3);
  return text + "\n}\n" + zsh::end(program.name);
}

std::string fish_script(const Program& program) {
  std::string text = "# fish completion of " + program.name + ", written by: " + program.written_by + "\ncomplete -c " +
                     program.name + " -f\n";
  for (const auto& option : program.options) text += fish::option_line(program.name, "", option);
  return text;
}

}  // namespace

std::string script(std::string_view shell, const Program& program) {
  if (shell == "bash") return bash_script(program);
  return shell == "zsh" ? zsh_script(program) : fish_script(program);
}

}  // namespace kerbgate::completion
