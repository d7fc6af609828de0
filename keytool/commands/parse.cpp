#include "commands/parse.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>

#include "commands/help.hpp"
#include "kerbgate/nearest.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate::commands {
namespace {

constexpr const char* kOperands = "operands";
constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

Error invalid(std::string what) { return {Errc::invalid, std::move(what)}; }

std::string with_dashes(const std::string& option) {
  if (option.starts_with('-')) return option;
  return (option.size() == 1 ? "-" : "--") + option;
}

Error unknown(const std::string& name, const po::options_description& known) {
  const std::string option = with_dashes(name.substr(0, name.find('=')));
  const auto words = spellings(known);
  const std::vector<std::string_view> candidates(words.begin(), words.end());
  // One letter is one slip away from every other.
  const std::string hint = option.starts_with("--") ? did_you_mean(option, candidates) : std::string();
  return invalid("unknown option " + brief(option) + hint);
}

Error wrong_syntax(const po::invalid_command_line_syntax& error, const po::options_description& known) {
  const std::string option = with_dashes(error.get_option_name());
  using Kind = po::invalid_syntax;
  if (error.kind() == Kind::extra_parameter) return invalid("option " + option + " takes no value");
  const auto* described = known.find_nothrow(option.substr(option.find_first_not_of('-')), false);
  const std::string value = described != nullptr ? ": " + described->semantic()->name() : std::string();
  return invalid("option " + option + " needs a value" + value);
}

/// The library's exceptions in this program's words.
Result<Values> store(const po::options_description& known, const po::options_description& shown,
                     const std::vector<std::string>& words) {
  po::positional_options_description positional;
  positional.add(kOperands, -1);
  try {
    Values values;
    po::store(po::command_line_parser(words).options(known).positional(positional).style(kStyle).run(), values);
    if (values.count("help") == 0) po::notify(values);
    return values;
  } catch (const po::unknown_option& error) {
    return unknown(error.get_option_name(), shown);
  } catch (const po::multiple_occurrences& error) {
    return invalid("option " + with_dashes(error.get_option_name()) + " is given more than once");
  } catch (const po::required_option& error) {
    return invalid("option " + with_dashes(error.get_option_name()) + " is missing");
  } catch (const po::invalid_command_line_syntax& error) {
    return wrong_syntax(error, shown);
  } catch (const po::error& error) {
    return invalid(error.what());
  }
}

/// Where an operand is missed: the line's last word, if an option took it as its value.
/// Not one that the command cannot do without.
std::string taken_by_option(const Command& command, std::span<const std::string> arguments,
                            const std::vector<std::string>& operands) {
  if (arguments.size() < 2 || arguments.back().starts_with('-')) return {};
  const std::string& option = arguments[arguments.size() - 2];
  const auto options = command.options();
  const auto* row = options.find_nothrow(option.starts_with("--") ? option.substr(2) : option, false);
  if (row != nullptr && row->semantic()->is_required()) return {};
  const bool taken = option.starts_with('-') && (operands.empty() || operands.back() != arguments.back());
  return taken ? "; " + option + " took " + quoted(arguments.back()) + " as its value" : "";
}

Result<void> check_operands(const Command& command, const Values& values, std::span<const std::string> arguments) {
  const auto given = operands(values);
  if (given.size() > command.operands.most) {
    return invalid(quoted(given[command.operands.most]) + " is one argument too many for " + std::string(command.name));
  }
  if (given.size() < command.operands.least) {
    const std::string lacking = given.empty() ? "no " : "only " + std::to_string(given.size()) + " ";
    return invalid(std::string(command.name) + " was given " + lacking + std::string(command.operands.word) +
                   taken_by_option(command, arguments, given));
  }
  return {};
}

}  // namespace

Result<Values> parse_line(const Command& command, std::span<const std::string> arguments) {
  po::options_description shown = command.options();
  shown.add_options()("help,h", "this text");
  po::options_description known;
  known.add(shown).add_options()(kOperands, po::value<std::vector<std::string>>());
  auto values = store(known, shown, {arguments.begin(), arguments.end()});
  if (!values || values->count("help") > 0) return values;
  if (auto checked = check_operands(command, *values, arguments); !checked) return checked.error();
  return values;
}

std::vector<std::string> operands(const Values& values) { return repeated(values, kOperands); }

std::vector<std::string> repeated(const Values& values, const char* option) {
  return values.count(option) > 0 ? values[option].as<std::vector<std::string>>() : std::vector<std::string>();
}

std::string text(const Values& values, const char* option) {
  return values.count(option) > 0 ? values[option].as<std::string>() : std::string();
}

}  // namespace kerbgate::commands
