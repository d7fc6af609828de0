#include "kerbgate/principal.hpp"

#include "kerbgate/printable.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate {
namespace {

// RFC 4120 section 6.2 and RFC 6111: the name types that libkrb5 infers from a name's text.
constexpr std::int32_t kNtPrincipal = 1;
constexpr std::int32_t kNtServiceInstance = 2;
constexpr std::int32_t kNtWellKnown = 11;

char unescaped(char after_backslash) {
  switch (after_backslash) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case '0':
      return '\0';
    default:
      return after_backslash;
  }
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '/':
      case '@':
      case '\\':
        out += {'\\', c};
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\0':
        out += "\\0";
        break;
      default:
        out += c;
    }
  }
}

std::int32_t inferred_name_type(const std::vector<std::string>& components) {
  if (components.size() == 2 && components[0] == "krbtgt") return kNtServiceInstance;
  if (components.size() >= 2 && components[0] == "WELLKNOWN") return kNtWellKnown;
  return kNtPrincipal;
}

Error malformed(std::string_view text, const std::string& why) {
  return {Errc::invalid, "principal \"" + brief(text) + "\": " + why};
}

}  // namespace

Result<Principal> Principal::parse(std::string_view text, std::string_view default_realm) {
  Principal out;
  out.components.emplace_back();
  std::string* part = &out.components.back();
  bool in_realm = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto where = [&i] { return " at byte " + std::to_string(i); };
    if (c == '\0') return malformed(text, "a raw NUL" + where() + "; write it as \\0");
    if (c == '\\') {
      if (++i == text.size() || text[i] == '\0') return malformed(text, "nothing follows the backslash");
      *part += unescaped(text[i]);
    } else if (c == '/' && in_realm) {
      return malformed(text, "a '/' in the realm" + where() + "; write it as \\/");
    } else if (c == '@' && in_realm) {
      return malformed(text, "a second '@'" + where() + "; write it as \\@");
    } else if (c == '/') {
      part = &out.components.emplace_back();
    } else if (c == '@') {
      in_realm = true;
      part = &out.realm;
    } else {
      *part += c;
    }
  }
  if (!in_realm && default_realm.empty()) return malformed(text, "no realm; write it as NAME@REALM");
  if (!in_realm) out.realm = default_realm;
  out.name_type = inferred_name_type(out.components);
  return out;
}

std::string Principal::str() const {
  std::string out;
  for (const std::string& component : components) {
    if (&component != &components.front()) out += '/';
    append_escaped(out, component);
  }
  out += '@';
  append_escaped(out, realm);
  return out;
}

std::string Principal::printable() const { return kerbgate::printable(str()); }

}  // namespace kerbgate
