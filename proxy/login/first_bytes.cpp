#include "login/first_bytes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace kerbgate::login {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  FirstBytes means;
};

/// No one of them is the beginning of another. A frame of any status is SASL: a wrong one is answered in the same
/// tongue.
constexpr std::array kSignatures{
    Signature{"\x01"sv, {Kind::sasl, Cause::none}},
    Signature{"\x02"sv, {Kind::sasl, Cause::none}},
    Signature{"\x03"sv, {Kind::sasl, Cause::none}},
    Signature{"\x04"sv, {Kind::sasl, Cause::none}},
    Signature{"\x05"sv, {Kind::sasl, Cause::none}},
    Signature{"\x16\x03"sv, {Kind::tls, Cause::none}},
    Signature{"\x80\x01"sv, {Kind::thrift, Cause::none}},
    Signature{"GET "sv, {Kind::http, Cause::none}},
    Signature{"POST "sv, {Kind::http, Cause::none}},
    Signature{"PUT "sv, {Kind::http, Cause::none}},
    Signature{"PATCH "sv, {Kind::http, Cause::none}},
    Signature{"HEAD "sv, {Kind::http, Cause::none}},
    Signature{"OPTIONS "sv, {Kind::http, Cause::none}},
    Signature{"DELETE "sv, {Kind::http, Cause::none}},
    Signature{"TRACE "sv, {Kind::http, Cause::none}},
    Signature{"CONNECT "sv, {Kind::http, Cause::none}},
    Signature{"PROXY "sv, {Kind::garbage, Cause::proxy_header}},
    Signature{"\r\n\r\n\0\r\nQUIT\n"sv, {Kind::garbage, Cause::proxy_header}},
};

}  // namespace

FirstBytes read_first_bytes(Bytes seen) {
  const std::string_view text(reinterpret_cast<const char*>(seen.data()), seen.size());
  bool possible = false;
  for (const Signature& signature : kSignatures) {
    if (text.starts_with(signature.bytes)) return signature.means;
    possible = possible || signature.bytes.starts_with(text);
  }
  return possible ? FirstBytes{} : FirstBytes{Kind::garbage, Cause::garbage};
}

}  // namespace kerbgate::login
