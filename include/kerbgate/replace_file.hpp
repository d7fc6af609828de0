#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>

#include "kerbgate/result.hpp"

namespace kerbgate {

/// Replaces `path` as one act: a temporary file beside it, `mode`, fsync, rename, fsync of the directory. Whoever reads
/// it sees the old one or the new one. On failure the target is as it was; the error names the path.
Result<void> replace_file(const std::string& path, std::span<const std::uint8_t> bytes, mode_t mode);

}  // namespace kerbgate
