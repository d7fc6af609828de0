#include <cstdlib>

#include "login/proxy_header.hpp"
#include "login/server_name.hpp"

using namespace kerbgate::login;

namespace {

void require(bool fact) {
  if (!fact) std::abort();
}

Bytes bytes(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

void require_same(const Ends& a, const Ends& b) {
  require(a.source.unmapped() == b.source.unmapped() && a.destination.unmapped() == b.destination.unmapped());
  require(a.source_port == b.source_port && a.destination_port == b.destination_port);
}

/// What is written is read again.
void require_round(const Ends& ends) {
  for (const std::string& text : {proxy_header_v1(ends), proxy_header_v2(ends)}) {
    const ProxyHeader again = read_proxy_header(bytes(text));
    require(again.state == ProxyHeader::State::whole && again.announces && again.length == text.size());
    require_same(again.ends, ends);
  }
}

void check_server_name(Bytes whole, Bytes part) {
  if (whole.empty() || whole[0] != 0x16) return;
  const ServerName all = read_server_name(whole), some = read_server_name(part);
  require(all.name.size() <= 255);
  if (!part.empty() && some.state != ServerName::State::more) require(some.state == all.state && some.name == all.name);
}

}  // namespace

/// The first byte says where the rest is cut: what has been decided of the part is so of the whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const Bytes whole(data + 1, size - 1);
  const Bytes part = whole.first(whole.size() * data[0] / 255);
  const ProxyHeader all = read_proxy_header(whole), some = read_proxy_header(part);
  if (some.state != ProxyHeader::State::more) {
    require(some.state == all.state && some.length == all.length && some.announces == all.announces);
  }
  if (all.state == ProxyHeader::State::whole) {
    require(all.length > 0 && all.length <= whole.size());
    require(read_proxy_header(whole.first(all.length - 1)).state == ProxyHeader::State::more);
    require(read_proxy_header(whole.first(all.length)).state == ProxyHeader::State::whole);
    if (all.announces) require_round(all.ends);
  }
  check_server_name(whole, part);
  return 0;
}
