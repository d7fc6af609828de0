#include "login/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace kerbgate::login {
namespace {

using namespace std::string_view_literals;
using State = ProxyHeader::State;

constexpr std::string_view kSignature1 = "PROXY "sv;
constexpr std::string_view kSignature2 = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t kLongest1 = 107;  // with CR LF, and without the NUL that the document counts
constexpr std::size_t kFixed2 = 16;
constexpr std::size_t kAddresses4 = 12, kAddresses6 = 36, kAddressesUnix = 216;
constexpr std::uint8_t kChecksumTlv = 3;

ProxyHeader wrong(const char* why) {
  ProxyHeader out;
  out.state = State::wrong;
  out.why = why;
  return out;
}

ProxyHeader whole(std::size_t length, std::optional<Ends> ends = {}) {
  ProxyHeader out;
  out.state = State::whole;
  out.length = length;
  out.announces = ends.has_value();
  if (ends) out.ends = *ends;
  return out;
}

std::optional<IpAddress> address(std::string_view text, bool v6) {
  const bool zeros = !v6 && (text.starts_with("0") || text.find(".0") != text.npos);
  Result<IpAddress> parsed = IpAddress::parse(text);
  if (!parsed || parsed->v6 != v6 || parsed->scope != 0 || text.find('%') != text.npos) return std::nullopt;
  // 010.0.0.1 is 8.0.0.1 to some: one way of writing an address alone is taken.
  if (zeros && parsed->str() != text) return std::nullopt;
  return *parsed;
}

std::optional<std::uint16_t> port(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value > 65535) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return std::uint16_t(value);
}

ProxyHeader read_line(std::string_view line, std::size_t length) {
  std::array<std::string_view, 5> words;  // family, source, destination, and the ports
  std::size_t count = 0;
  for (std::string_view rest = line.substr(kSignature1.size());; ++count) {
    const std::size_t blank = rest.find(' ');
    if (count < words.size()) words[count] = rest.substr(0, blank);
    if (count == 0 && words[0] == "UNKNOWN") return whole(length);
    if (blank == rest.npos) break;
    rest.remove_prefix(blank + 1);
  }
  const bool v6 = words[0] == "TCP6";
  if (!v6 && words[0] != "TCP4") return wrong("its family is none of TCP4, TCP6 and UNKNOWN");
  if (count + 1 != words.size()) return wrong("it has not two addresses and two ports");
  const auto source = address(words[1], v6), destination = address(words[2], v6);
  if (!source || !destination) return wrong("an address in it is not of the family it names");
  const auto source_port = port(words[3]), destination_port = port(words[4]);
  if (!source_port || !destination_port) return wrong("a port in it is no number from 0 to 65535");
  return whole(length, Ends{*source, *destination, *source_port, *destination_port});
}

ProxyHeader read_v1(std::string_view seen) {
  const std::string_view text = seen.substr(0, kLongest1);
  const std::size_t end = text.find('\n');
  if (end == text.npos) {
    if (text.size() == kLongest1) return wrong("its line does not end within 107 octets");
    return {};
  }
  if (end == 0 || text[end - 1] != '\r') return wrong("its line does not end by CR LF");
  const std::string_view line = text.substr(0, end - 1);
  const bool plain = std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < 0x7f; });
  if (!plain) return wrong("it holds octets that are no printable ASCII");
  return read_line(line, end + 1);
}

std::uint16_t number(Bytes bytes, std::size_t at) { return std::uint16_t(bytes[at] << 8 | bytes[at + 1]); }

IpAddress binary_address(Bytes bytes, bool v6) {
  IpAddress out;
  out.v6 = v6;
  std::copy_n(bytes.begin(), v6 ? 16 : 4, out.bytes.begin());
  return out;
}

/// CRC32c (RFC 4960 appendix B) of the header with its checksum field as zeros.
std::uint32_t checksum(Bytes header, std::size_t field) {
  std::uint32_t crc = 0xffffffffU;
  for (std::size_t i = 0; i < header.size(); ++i) {
    crc ^= i >= field && i < field + 4 ? 0U : header[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0x82f63b78U & (0U - (crc & 1U)));
  }
  return ~crc;
}

/// nullptr: they fill what is behind the addresses exactly.
const char* check_tlvs(Bytes header, std::size_t at) {
  while (at < header.size()) {
    if (header.size() - at < 3) return "a TLV is cut";
    const std::size_t length = number(header, at + 1);
    if (header.size() - at - 3 < length) return "a TLV reaches over its end";
    if (header[at] == kChecksumTlv) {
      if (length != 4) return "its checksum is not of 4 octets";
      const std::size_t field = at + 3;
      const std::uint32_t said = std::uint32_t(number(header, field)) << 16 | number(header, field + 2);
      if (said != checksum(header, field)) return "its checksum does not fit";
    }
    at += 3 + length;
  }
  return nullptr;
}

ProxyHeader read_v2(Bytes seen) {
  if (seen.size() < kFixed2) return {};
  const std::uint8_t version = seen[12] >> 4, command = seen[12] & 15, family = seen[13];
  if (version != 2) return wrong("its version is none that exists");
  if (command > 1) return wrong("its command is neither LOCAL nor PROXY");
  if (family >> 4 > 3 || (family & 15) > 2) return wrong("its family or transport is none that exists");
  const std::size_t length = kFixed2 + number(seen, 14);
  const bool v4 = family == 0x11, v6 = family == 0x21;
  std::size_t addresses = 0;
  if (family >> 4 == 1) addresses = kAddresses4;
  if (family >> 4 == 2) addresses = kAddresses6;
  if (family >> 4 == 3) addresses = kAddressesUnix;
  // LOCAL: what it says of addresses is to be ignored, whatever it is.
  if (command == 1 && length < kFixed2 + addresses) return wrong("it is too short for its addresses");
  if (seen.size() < length) return {};
  if (command == 0) return whole(length);
  const Bytes header = seen.first(length);
  // An unspecified family: all behind the fixed part may be anything.
  if (family >> 4 != 0)
    if (const char* why = check_tlvs(header, kFixed2 + addresses)) return wrong(why);
  if (!v4 && !v6) return whole(length);
  const std::size_t size = v6 ? 16 : 4;
  const Bytes block = header.subspan(kFixed2);
  return whole(length, Ends{binary_address(block, v6), binary_address(block.subspan(size), v6), number(block, 2 * size),
                            number(block, 2 * size + 2)});
}

bool begins(std::string_view seen, std::string_view signature) {
  const std::size_t common = std::min(seen.size(), signature.size());
  return seen.substr(0, common) == signature.substr(0, common);
}

/// Both as IPv6 when they are of two families.
IpAddress widened(const IpAddress& address, bool v6) {
  if (address.v6 || !v6) return address;
  IpAddress out;
  out.v6 = true;
  out.bytes[10] = out.bytes[11] = 0xff;
  std::copy_n(address.bytes.begin(), 4, out.bytes.begin() + 12);
  return out;
}

void append_number(std::string& out, std::uint16_t value) {
  out += char(value >> 8);
  out += char(value & 255);
}

void append_address(std::string& out, const IpAddress& address) {
  out.append(reinterpret_cast<const char*>(address.bytes.data()), address.v6 ? 16 : 4);
}

}  // namespace

ProxyHeader read_proxy_header(Bytes seen) {
  const std::string_view text(reinterpret_cast<const char*>(seen.data()), seen.size());
  if (begins(text, kSignature1)) return text.size() < kSignature1.size() ? ProxyHeader{} : read_v1(text);
  if (begins(text, kSignature2)) return read_v2(seen);
  return wrong("it begins as neither version does");
}

std::string proxy_header_v1(const Ends& ends, bool local) {
  if (local) return "PROXY UNKNOWN\r\n";
  const bool v6 = ends.source.v6 || ends.destination.v6;
  return std::string(v6 ? "PROXY TCP6 " : "PROXY TCP4 ") + widened(ends.source, v6).str() + ' ' +
         widened(ends.destination, v6).str() + ' ' + std::to_string(ends.source_port) + ' ' +
         std::to_string(ends.destination_port) + "\r\n";
}

std::string proxy_header_v2(const Ends& ends, bool local) {
  std::string out(kSignature2);
  out += local ? '\x20' : '\x21';
  if (local) return out + std::string(3, '\0');
  const bool v6 = ends.source.v6 || ends.destination.v6;
  out += v6 ? '\x21' : '\x11';
  append_number(out, v6 ? kAddresses6 : kAddresses4);
  append_address(out, widened(ends.source, v6));
  append_address(out, widened(ends.destination, v6));
  append_number(out, ends.source_port);
  append_number(out, ends.destination_port);
  return out;
}

}  // namespace kerbgate::login
