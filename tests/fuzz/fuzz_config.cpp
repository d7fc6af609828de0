#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/parse.hpp"

/// A configuration file from anywhere: it is read without a crash, what is said is printable, and what is accepted
/// holds together (every backend that is named is there).

namespace {

using namespace kerbgate::config;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_printable(const Parsed& parsed) {
  for (const Diagnostic& diagnostic : parsed.diagnostics) {
    for (const char c : diagnostic.str()) require(c == '\n' || (c >= 0x20 && c < 0x7f));
  }
}

void check_whole(const Config& config) {
  for (const Frontend& front : config.frontends) {
    require(front.default_backend.empty() || config.backend(front.default_backend) != nullptr);
    require(!front.binds.empty());
  }
  for (const Backend& back : config.backends) {
    for (const Server& server : back.servers) require(!server.host.empty() && server.port != 0 && server.weight <= 256);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const SourceText file{"fuzz.cfg", std::string(reinterpret_cast<const char*>(data), size)};
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    return name.size() % 2 == 0 ? std::optional(name + " #'\"\\") : std::nullopt;
  };
  const Parsed parsed = parse(std::span(&file, 1), environment);
  check_printable(parsed);
  if (parsed.ok()) check_whole(parsed.config);
  return 0;
}
