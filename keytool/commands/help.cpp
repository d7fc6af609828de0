#include "commands/help.hpp"

#include <algorithm>
#include <ostream>
#include <sstream>

#include "completion/option.hpp"

namespace kerbgate::commands {
namespace {

constexpr std::size_t kColumns = 80;

void print_examples(std::ostream& out, std::string_view text) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) out << "  " << line << '\n';
}

/// `text` in lines that end before kColumns, the first where the cursor stands, the others at column `indent`.
void print_wrapped(std::ostream& out, const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::size_t column = indent;
  for (std::string word; words >> word;) {
    if (column > indent && column + 1 + word.size() > kColumns) {
      out << '\n' << std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out << ' ';
      ++column;
    }
    out << word;
    column += word.size();
  }
  out << '\n';
}

/// Where a line's text begins: behind the blanks at its start, or in "word   text" behind those after the word.
std::size_t text_column(std::string_view line) {
  const std::size_t start = std::min(line.find_first_not_of(' '), line.size());
  const std::size_t gap = line.find("  ", start);
  return gap == std::string_view::npos ? start : std::min(line.find_first_not_of(' ', gap), line.size());
}

/// Paragraphs, which empty lines end, filled to kColumns. A line that begins with a blank, or with a word and two
/// blanks, stays a line of its own, with what follows in its column under it.
void print_filled(std::ostream& out, std::string_view text) {
  std::istringstream lines{std::string(text)};
  std::string head, filled;
  const auto end_paragraph = [&] {
    if (!filled.empty()) print_wrapped(out << head, filled, head.size());
    filled.clear();
    head.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    const std::size_t column = text_column(line);
    const bool goes_on = !filled.empty() && column == head.size() && line.find_first_not_of(' ') == column;
    if (!goes_on) end_paragraph();
    if (!goes_on) head = line.substr(0, column);
    filled += line.substr(column) + ' ';
    if (line.empty()) out << '\n';
    if (line.empty()) filled.clear();
  }
  end_paragraph();
}

std::vector<std::string_view> groups(Table table) {
  std::vector<std::string_view> names;
  for (const Command* command : table) {
    if (std::find(names.begin(), names.end(), command->group) == names.end()) names.push_back(command->group);
  }
  return names;
}

std::size_t name_width(Table table) {
  std::size_t width = 0;
  for (const Command* command : table) width = std::max(width, command->name.size());
  return width;
}

/// "  -o, --output FILE"
std::string option_head(const po::option_description& option) {
  const std::string short_name = completion::short_spelling(option);
  std::string head = short_name.empty() ? "      " : "  " + short_name;
  if (!option.long_name().empty()) head += (head.size() == 4 ? ", --" : "--") + option.long_name();
  if (option.semantic()->max_tokens() > 0) head += " " + option.semantic()->name();
  return head;
}

void print_options(std::ostream& out, const po::options_description& options) {
  constexpr std::size_t kTextColumn = 30;
  for (const auto& option : options.options()) {
    const std::string head = option_head(*option);
    out << head;
    if (head.size() + 2 > kTextColumn) {
      out << '\n' << std::string(kTextColumn, ' ');
    } else {
      out << std::string(kTextColumn - head.size(), ' ');
    }
    print_wrapped(out, option->description(), kTextColumn);
  }
}

}  // namespace

void print_usage(std::ostream& out, Table table) {
  out << "usage: keytool COMMAND [ARGUMENT...]\n\ncommands:";
  for (const Command* command : table) out << ' ' << command->name;
  out << "\n\nkeytool --help           what each does\n"
         "keytool COMMAND --help   its options, with examples\n";
}

void print_help(std::ostream& out, Table table) {
  out << "usage: keytool COMMAND [ARGUMENT...]\n\n"
         "Makes the keytabs and daemon flags of a Kerberized Impala cluster behind one\n"
         "name right on every host.\n";
  const std::size_t width = name_width(table);
  for (const std::string_view group : groups(table)) {
    out << '\n' << group << ":\n";
    for (const Command* command : table) {
      if (command->group != group) continue;
      out << "  " << command->name << std::string(width - command->name.size() + 3, ' ');
      print_wrapped(out, std::string(command->summary), width + 5);
    }
  }
  out << "\nkeytool COMMAND --help   options and examples of one command\n"
         "keytool --version        the version\n\n"
         "Exit status: 0 ok; 1 a check failed (damage, conflict, mismatch); 2 usage;\n"
         "3 it could not be done.\n";
}

void print_command_help(std::ostream& out, const Command& command) {
  out << "usage: keytool " << command.name << ' ' << command.synopsis << "\n\n";
  print_filled(out, command.description);
  out << "\noptions:\n";
  po::options_description options = command.options();
  options.add_options()("help,h", "this text");
  print_options(out, options);
  if (!command.examples.empty()) {
    out << "\nexamples:\n";
    print_examples(out, command.examples);
  }
}

void print_version(std::ostream& out) { out << "keytool (kerbgate) " KERBGATE_VERSION "\n"; }

std::vector<std::string> spellings(const po::options_description& options) {
  std::vector<std::string> all;
  for (const auto& option : options.options()) {
    for (std::string& spelling : completion::spellings(*option)) all.push_back(std::move(spelling));
  }
  return all;
}

}  // namespace kerbgate::commands
