#include "probe/http_get.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>

#include "tls/client.hpp"
#include "tls/digest.hpp"

namespace kerbgate::probe {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint32_t kLongestHead = 64 * 1024;
constexpr std::uint64_t kLongestBody = 4 * 1024 * 1024;
constexpr std::size_t kPiece = 16 * 1024;

Result<Fd> connected(const HttpPlace& place, Resolver& resolver, network::Deadline deadline) {
  const auto found = resolver.forward(place.host);
  if (!found) return found.error();
  Result<Fd> fd = Error(Errc::not_found, place.host + " has no address");
  for (const IpAddress& address : found->addresses)
    if (fd = network::dial(address, place.port, deadline); fd) break;
  return fd;
}

Result<std::unique_ptr<network::Channel>> opened(const HttpPlace& place, Resolver& resolver,
                                                 network::Deadline deadline) {
  auto fd = connected(place, resolver, deadline);
  if (!fd) return std::move(fd).error();
  if (!place.tls) return std::unique_ptr<network::Channel>(std::make_unique<network::Stream>(std::move(*fd)));
  auto client =
      tls::Client::handshake(std::move(*fd), {place.host, place.ca_file, {place.host}, place.crt_file}, deadline);
  if (!client) return std::move(client).error();
  const tls::Certificate& certificate = (*client)->certificate();
  if (place.must_trust && !certificate.distrust.empty())
    return Error(Errc::permission, "its certificate is not trusted (" + certificate.distrust +
                                       "), so that nothing is asked of it; name its CA with 'ca-file'");
  if (place.must_trust && !certificate.uncovered.empty())
    return Error(Errc::permission, "its certificate is not of " + place.host + ", so that nothing is asked of it");
  return std::unique_ptr<network::Channel>(std::move(*client));
}

Error no_http(const beast::error_code& failed) {
  return {std::make_error_code(std::errc::protocol_error), "it does not answer in HTTP: " + failed.message()};
}

Result<HttpAnswer> read_answer(network::Channel& channel, network::Deadline deadline) {
  Parser parser;
  parser.eager(true);
  parser.header_limit(kLongestHead);
  parser.body_limit(kLongestBody);
  beast::flat_buffer buffer(kLongestHead + kPiece);
  while (!parser.is_done()) {
    const auto room = buffer.prepare(std::min(kPiece, buffer.max_size() - buffer.size()));
    const auto got = channel.read({static_cast<std::uint8_t*>(room.data()), room.size()}, deadline);
    if (!got) return got.error();
    beast::error_code failed;
    if (*got == 0) {
      parser.put_eof(failed);
      if (failed) return no_http(failed);
      break;
    }
    buffer.commit(*got);
    // put() takes what is whole: what it leaves is looked at again with the next bytes.
    for (std::size_t used = 1; used != 0 && buffer.size() != 0 && !parser.is_done() && !failed;) {
      used = parser.put(buffer.data(), failed);
      buffer.consume(used);
      if (failed == http::error::need_more) {
        failed = {};
        break;
      }
    }
    if (failed) return no_http(failed);
  }
  HttpAnswer out;
  const auto message = parser.release();
  out.status = message.result_int();
  out.body = message.body();
  for (const auto& field : message)
    if (field.name() == http::field::www_authenticate) out.challenges.emplace_back(field.value());
  return out;
}

}  // namespace

Result<HttpAnswer> http_get(const HttpPlace& place, const std::string& uri, const std::string& authorization,
                            Resolver& resolver, network::Deadline deadline) {
  auto channel = opened(place, resolver, deadline);
  if (!channel) return std::move(channel).error();
  const std::string request = "GET " + uri + " HTTP/1.1\r\nHost: " + place.host + ':' + std::to_string(place.port) +
                              "\r\nUser-Agent: kerbgate\r\nAccept: */*\r\nConnection: close\r\n" +
                              (authorization.empty() ? "" : "Authorization: " + authorization + "\r\n") + "\r\n";
  if (auto sent = (*channel)->write({reinterpret_cast<const std::uint8_t*>(request.data()), request.size()}, deadline);
      !sent)
    return std::move(sent).error();
  return read_answer(**channel, deadline);
}

Result<HttpAnswer> http_get(const HttpPlace& place, const std::string& uri, const Credentials& credentials,
                            Resolver& resolver, network::Deadline deadline) {
  constexpr unsigned kUnauthorized = 401;
  auto answer = http_get(place, uri, std::string(), resolver, deadline);
  if (!answer || answer->status != kUnauthorized || credentials.user.empty()) return answer;
  const auto proof = authorization(answer->challenges, credentials, uri, tls::random_hex());
  if (!proof) return proof.error();
  return http_get(place, uri, *proof, resolver, deadline);
}

}  // namespace kerbgate::probe
