#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/parse.hpp"
#include "kerbgate/result.hpp"

namespace kerbgate::keeper {

/// Where the configuration comes from: files and folders (their *.cfg in the order of their names), or the words of the
/// command line.
struct Sources {
  std::vector<std::string> paths;  ///< "-" is standard input
  std::optional<config::Inline> words;
};

/// The files' contents. Errors name the file and what stands in the way; a folder without *.cfg is one.
Result<std::vector<config::SourceText>> read_texts(const Sources& sources);
/// The same everywhere: keeper and worker come to equal configurations from equal texts. Lists (`acl -f`) must be among
/// them.
config::Parsed parse(const Sources& sources, const std::vector<config::SourceText>& texts);
/// Reads the lists that the configuration names, and adds them to the texts.
config::Parsed parse_with_lists(const Sources& sources, std::vector<config::SourceText>& texts);

}  // namespace kerbgate::keeper
