#pragma once

#include <boost/program_options/options_description.hpp>
#include <string>
#include <string_view>
#include <vector>

/// What a shell can be told of a program's options, taken from the options themselves. keytool's and the proxy's.
namespace kerbgate::completion {

namespace po = boost::program_options;

/// What may stand where a value is expected.
struct Candidates {
  enum class Kind { nothing, words, files, directories };
  Kind kind = Kind::nothing;
  std::vector<std::string> words;  ///< letters, digits and '-' only
};

struct Option {
  std::vector<std::string> spellings;  ///< "--output", "-o"
  std::string about;
  std::string value;  ///< "FILE"; empty: a switch
  Candidates candidates;
  bool repeats = false;
};

/// The shells that there is a script for.
std::vector<std::string_view> shell_names();

/// The words that a program has for one of its own values, ROLE; nothing for the others.
using OwnWords = std::vector<std::string_view> (*)(std::string_view value);

/// The word in the help, FILE or ROLE, says what is meant. Words of small letters with bars between them are the values
/// themselves.
Candidates candidates(std::string_view value, OwnWords own);

Option completed(const po::option_description& option, OwnWords own);

/// "-o", or nothing.
std::string short_spelling(const po::option_description& option);
/// An option as a person writes it: "--output", "-o".
std::vector<std::string> spellings(const po::option_description& option);

/// "_kerbgate_proxy": what completes it is called so, in bash and in zsh.
std::string function_name(std::string program);

/// The words with blanks between them.
std::string spaced(const std::vector<std::string>& words);

}  // namespace kerbgate::completion
