#include <cstddef>
#include <cstdint>

#include "ktutil/interpreter.hpp"

/// ktutil's lines: whatever they are, they are answered, and what is said about them can be printed.
namespace {

using namespace kerbgate;

class NoWorld : public ktutil::Outside {
 public:
  Result<keytab::Scan> read(const std::string& path) override { return Error(Errc::not_found, path); }
  Result<keytab::Scan> read_target(const std::string&) override { return keytab::Scan{}; }
  Result<void> write(const std::string&, std::span<const keytab::Entry> entries, const keytab::Scan&) override {
    if (const auto bytes = keytab::encode(entries); !bytes) return bytes.error();
    return {};
  }
  Result<std::string> default_realm() override { return std::string("EXAMPLE.COM"); }
  Result<PasswordKey> password_key(const PasswordKeyRequest& request, const Secret& password) override {
    PasswordKey out;
    out.enctype = request.enctype;
    out.key = password.copy();
    return out;
  }
  std::optional<Secret> ask(const std::string&) override { return line(); }
  std::uint32_t now() override { return 1700000000; }

  std::optional<Secret> line() {
    if (rest.empty()) return std::nullopt;
    const std::string_view taken = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), taken.size() + 1));
    return Secret({reinterpret_cast<const std::uint8_t*>(taken.data()), taken.size()});
  }

  std::string_view rest;
};

void must(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  NoWorld world;
  world.rest = {reinterpret_cast<const char*>(data), size};
  ktutil::Interpreter interpreter(world);
  while (const auto line = world.line()) {
    const std::size_t before = interpreter.entries().size();
    const auto bytes = line->bytes();
    const ktutil::Reply reply = interpreter.run({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    must(!reply.failed || (interpreter.entries().size() == before && !reply.said.empty()));
    for (const std::string& said : reply.said) {
      for (const char c : said) must(c >= 0x20 && c < 0x7f);
    }
    if (reply.quit) break;
  }
  return 0;
}
