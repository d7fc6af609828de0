#include "krb5/kdc_transport.hpp"

#include <profile.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "kerbgate/name.hpp"
#include "network/channel.hpp"

namespace kerbgate::kdc {
namespace {

using network::Deadline;
constexpr std::size_t kLongestReply = 1u << 20;

/// The values of [realms] REALM kdc; empty: there are none, or krb5.conf cannot be read.
std::vector<std::string> kdc_values(krb5_context context, const std::string& realm) {
  profile_t profile = nullptr;
  if (krb5_get_profile(context, &profile) != 0) return {};
  const char* path[] = {"realms", realm.c_str(), "kdc", nullptr};
  char** values = nullptr;
  std::vector<std::string> found;
  if (profile_get_values(profile, path, &values) == 0) {
    for (char** at = values; *at != nullptr; ++at) found.emplace_back(*at);
    profile_free_list(values);
  }
  profile_release(profile);
  return found;
}

/// One message over TCP: four octets of length, then as many (RFC 4120, 7.2.2).
Result<std::vector<std::uint8_t>> ask_tcp(const IpAddress& address, std::uint16_t port,
                                          std::span<const std::uint8_t> message, Deadline deadline) {
  auto fd = network::dial(address, port, deadline);
  if (!fd) return std::move(fd).error();
  network::Stream stream(std::move(*fd));
  std::vector<std::uint8_t> framed;
  for (const int shift : {24, 16, 8, 0}) framed.push_back(static_cast<std::uint8_t>(message.size() >> shift));
  framed.insert(framed.end(), message.begin(), message.end());
  if (auto sent = stream.write(framed, deadline); !sent) return std::move(sent).error();
  std::vector<std::uint8_t> reply;
  std::size_t wanted = 4;
  for (bool length_known = false; reply.size() < wanted;) {
    std::uint8_t piece[4096];
    const auto got = stream.read(std::span(piece, std::min(sizeof piece, wanted - reply.size())), deadline);
    if (!got) return got.error();
    if (*got == 0) return Error(std::make_error_code(std::errc::connection_reset), "the connection was closed");
    reply.insert(reply.end(), piece, piece + *got);
    if (!length_known && reply.size() == 4) {
      length_known = true;
      wanted = 0;
      for (const std::uint8_t octet : reply) wanted = wanted << 8 | octet;
      if (wanted > kLongestReply) return Error(std::make_error_code(std::errc::protocol_error), "not a KDC's answer");
      reply.clear();
    }
  }
  return reply;
}

std::string seconds(std::chrono::milliseconds limit) {
  const auto ms = limit.count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

}  // namespace

KdcAddress parse_kdc_address(std::string_view text) {
  KdcAddress kdc;
  if (text.starts_with("tcp/") || text.starts_with("udp/")) {
    kdc.protocol = text[0] == 't' ? KdcAddress::Protocol::tcp : KdcAddress::Protocol::udp;
    text.remove_prefix(4);
  }
  const auto parsed = HostPort::parse(text, kdc.port);
  if (!parsed || text.find('/') != std::string_view::npos) return {std::string(text), 0, KdcAddress::Protocol::other};
  kdc.host = parsed->host;
  kdc.port = parsed->port;
  return kdc;
}

void Transport::attach(krb5_context context) { krb5_set_kdc_send_hook(context, hook, this); }

krb5_error_code Transport::hook(krb5_context context, void* self, const krb5_data* realm, const krb5_data* message,
                                krb5_data**, krb5_data** new_reply) {
  return static_cast<Transport*>(self)->carry(context, *realm, *message, new_reply);
}

/// 0 without a reply: libkrb5 finds the KDC and asks it by itself.
krb5_error_code Transport::carry(krb5_context context, const krb5_data& realm, const krb5_data& message,
                                 krb5_data** reply) {
  std::vector<KdcAddress> kdcs;
  for (const std::string& value : kdc_values(context, std::string(realm.data, realm.length)))
    kdcs.push_back(parse_kdc_address(value));
  const auto is_other = [](const KdcAddress& kdc) { return kdc.protocol == KdcAddress::Protocol::other; };
  if (kdcs.empty() || std::any_of(kdcs.begin(), kdcs.end(), is_other)) return 0;
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(message.data), message.length);
  for (const KdcAddress& kdc : kdcs) {
    auto answer = ask(kdc, bytes);
    if (!answer) continue;
    krb5_data view{};
    view.length = static_cast<unsigned>(answer->size());
    view.data = reinterpret_cast<char*>(answer->data());
    note_time(context, view);
    return krb5_copy_data(context, &view, reply);
  }
  return KRB5_KDC_UNREACH;
}

void Transport::note_time(krb5_context context, const krb5_data& reply) {
  if (reply.length == 0 || (static_cast<std::uint8_t>(reply.data[0]) & 0x1f) != 30) return;  // KRB-ERROR
  krb5_error* error = nullptr;
  if (krb5_rd_error(context, &reply, &error) != 0) return;
  // Unsigned, to 2106.
  error_offset_ = std::chrono::seconds(static_cast<std::int64_t>(static_cast<std::uint32_t>(error->stime)) -
                                       static_cast<std::int64_t>(std::time(nullptr)));
  krb5_free_error(context, error);
}

void Transport::note(const std::string& address, std::string outcome, bool answered) {
  const auto known = std::find_if(asked_.begin(), asked_.end(), [&](const Asked& a) { return a.address == address; });
  if (known == asked_.end()) {
    asked_.push_back({address, std::move(outcome), answered});
  } else {
    known->outcome = std::move(outcome);
    known->answered = answered;
  }
}

std::optional<Transport::Message> Transport::ask(const KdcAddress& kdc, std::span<const std::uint8_t> message) {
  const std::string port = ":" + std::to_string(kdc.port);
  if (silent_.contains(kdc.host + port)) return std::nullopt;
  const auto found = resolver_.forward(kdc.host);
  if (!found) {
    silent_.insert(kdc.host + port);
    note(kdc.host + port, found.error().is(kerbgate::Errc::not_found) ? "the name has no address" : found.error().what);
    return std::nullopt;
  }
  for (const IpAddress& address : found->addresses) {
    if (auto answer = ask_at(kdc, address, message)) return answer;
  }
  silent_.insert(kdc.host + port);
  return std::nullopt;
}

std::optional<Transport::Message> Transport::ask_at(const KdcAddress& kdc, const IpAddress& address,
                                                    std::span<const std::uint8_t> message) {
  using Protocol = KdcAddress::Protocol;
  const std::string numeric = (address.v6 ? "[" + address.str() + "]" : address.str()) + ":" + std::to_string(kdc.port);
  const std::string shown = kdc.host == address.str() ? numeric : numeric + " (" + kdc.host + ")";
  std::string outcome;
  const auto told = [&](const Error& error, const char* protocol) {
    const bool late = network::failed_with(error, std::errc::timed_out);
    outcome += (outcome.empty() ? "" : ", ") + std::string(protocol) + ": " +
               (late ? "no answer within " + seconds(options_.limit) : error.what);
    return late;
  };
  const auto answered = [&](Result<Message>& answer) {
    note(shown, "answered", true);
    return std::optional(std::move(*answer));
  };
  if (kdc.protocol != Protocol::udp) {
    auto answer = ask_tcp(address, kdc.port, message, network::after(options_.limit));
    if (answer) return answered(answer);
    told(answer.error(), "TCP");
    const bool refused = network::failed_with(answer.error(), std::errc::connection_refused);
    if (kdc.protocol == Protocol::tcp || !refused) return note(shown, outcome), std::nullopt;
  }
  auto answer = network::ask_udp(address, kdc.port, message, network::after(options_.limit));
  if (answer) return answered(answer);
  told(answer.error(), "UDP");
  note(shown, outcome);
  return std::nullopt;
}

}  // namespace kerbgate::kdc
