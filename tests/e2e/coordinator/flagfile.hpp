#pragma once

#include <map>
#include <string>
#include <string_view>

namespace kerbgate::e2e {

/// The flags that a daemon called `program` takes from a flagfile, by gflags' rules: a line begins after its leading
/// white space; '-' or '--' begins a flag, which needs '='; nothing is trimmed or unquoted at a line's end; '#' begins
/// a comment; any other line names programs (patterns) and switches off what follows for all others; a carriage return
/// anywhere ahead, not the next newline, ends a line; the last one wins.
std::map<std::string, std::string> read_flagfile(std::string_view text, const std::string& program);

}  // namespace kerbgate::e2e
