#pragma once

#include <string>
#include <string_view>

namespace kerbgate {

/// Bytes of a name, a file or the wire as they may stand in a message: printable ASCII stays, any other byte is \\xHH.
std::string printable(std::string_view bytes);

}  // namespace kerbgate
