#include "commands/ktutil_console.hpp"

namespace kerbgate::commands {

std::optional<Secret> ScriptConsole::secret(const std::string& /*prompt*/) {
  Secret text;
  int c = next_();
  if (c < 0) return std::nullopt;
  for (; c >= 0 && c != '\n'; c = next_()) {
    const auto octet = static_cast<std::uint8_t>(c);
    text.append({&octet, 1});
  }
  return text;
}

std::optional<std::string> ScriptConsole::line() {
  const auto text = secret({});
  if (!text) return std::nullopt;
  return std::string(text->bytes().begin(), text->bytes().end());
}

}  // namespace kerbgate::commands
