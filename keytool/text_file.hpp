#pragma once

#include <string>
#include <string_view>

#include "kerbgate/result.hpp"

namespace kerbgate {

/// A whole text file of at most 16 MiB. Errors name the path.
Result<std::string> read_text(const std::string& path);

/// Replaces `path` as one act, mode 0644: a temporary file beside it, fsync, rename, fsync of the directory, which is
/// made with its parents when it is not there. For files without secrets. On failure the target is as it was.
Result<void> replace_text(const std::string& path, std::string_view text);

}  // namespace kerbgate
