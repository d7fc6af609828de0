#include "login/opening.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "login/client_hello.hpp"
#include "login/first_bytes.hpp"
#include "login/service.hpp"

namespace kerbgate::login {
namespace {

constexpr std::size_t kMaxMechanism = 20;  // RFC 4422 section 3.1

Opening refuse(Opening opening, Cause cause, std::string reason) {
  opening.next = Opening::Next::refuse;
  opening.cause = cause;
  opening.reason = std::move(reason);
  if (words(cause).told) opening.refusal = opening.reason;
  return opening;
}

Opening refuse(const Opening& opening, Cause cause, std::initializer_list<Value> values = {}) {
  return refuse(opening, cause, refusal(cause, values));
}

Opening dial(Opening opening, std::size_t length, bool resendable) {
  opening.next = Opening::Next::dial;
  opening.length = length;
  opening.resendable = resendable;
  return opening;
}

std::string_view text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::string number(std::size_t value) { return std::to_string(value); }

bool is_mechanism_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

/// Those whose first token RFC 2743 frames.
bool is_gss(std::string_view mechanism) { return mechanism == "GSSAPI" || mechanism == "GSS-SPNEGO"; }

/// Those that begin with the client's word, so that none is a fault. In others the server may speak first.
bool needs_token(std::string_view mechanism) { return is_gss(mechanism) || mechanism == "PLAIN"; }

bool accepts(const Policy& policy, const std::string& mechanism) {
  const auto& list = policy.mechanisms;
  return list.empty() || std::find(list.begin(), list.end(), mechanism) != list.end();
}

Opening judge_ticket(Opening opening, Ticket ticket, std::size_t length, const Policy& policy) {
  opening.ticket = std::move(ticket);
  opening.token_end = length;
  ServiceVerdict verdict = judge_service(*opening.ticket, policy.principals);
  if (verdict.cause != Cause::none) return refuse(std::move(opening), verdict.cause, std::move(verdict.text));
  return dial(std::move(opening), length, true);
}

Opening judge_token(Opening opening, Bytes bytes, std::size_t length, const Policy& policy) {
  if (!is_gss(opening.mechanism)) return dial(std::move(opening), length, true);
  Token token = read_token(bytes);
  const std::string host = served_host(policy.principals);
  switch (token.content) {
    case Content::kerberos:
      return judge_ticket(std::move(opening), std::move(*token.ticket), length, policy);
    case Content::ntlm:
      return refuse(opening, Cause::token_ntlm, {{"host", host}});
    case Content::no_ticket:
      return refuse(opening, Cause::token_no_ticket, {{"host", host}});
    case Content::other_mechanism:
      return refuse(opening, Cause::token_other_mechanism, {{"name", token.mechanism}, {"host", host}});
    case Content::damaged:
      return refuse(opening, Cause::token_damaged);
    case Content::not_gss:
      break;
  }
  return refuse(opening, Cause::token_not_gss, {{"mechanism", opening.mechanism}});
}

/// The second frame: OK, or COMPLETE from clients that have nothing to add, with the initial token. `rest` begins at
/// it.
Opening judge_token_frame(Opening opening, Bytes rest, std::size_t before, const Policy& policy) {
  if (rest.empty()) return opening;
  const auto status = static_cast<Status>(rest[0]);
  if (status == Status::bad || status == Status::error) return refuse(opening, Cause::client_gave_up);
  if (status != Status::ok && status != Status::complete) {
    return refuse(opening, Cause::no_token_frame, {{"status", number(rest[0])}});
  }
  const auto header = read_header(rest);
  if (!header) return opening;
  if (header->length > policy.max_token) {
    return refuse(opening, Cause::token_too_long,
                  {{"length", number(header->length)}, {"limit", number(policy.max_token)}});
  }
  if (header->length == 0 && needs_token(opening.mechanism)) {
    return refuse(opening, Cause::token_empty, {{"mechanism", opening.mechanism}});
  }
  if (rest.size() < kHeaderSize + header->length) return opening;
  const Bytes token = rest.subspan(kHeaderSize, header->length);
  opening.token_at = before + kHeaderSize;
  return judge_token(std::move(opening), token, before + kHeaderSize + token.size(), policy);
}

Opening judge_login(Opening opening, Bytes seen, const Policy& policy) {
  if (static_cast<Status>(seen[0]) != Status::start) {
    return refuse(opening, Cause::no_start, {{"status", number(seen[0])}});
  }
  const auto start = read_header(seen);
  if (!start) return opening;
  if (start->length == 0 || start->length > kMaxMechanism) {
    return refuse(opening, Cause::mechanism_length, {{"length", number(start->length)}});
  }
  const std::size_t end = kHeaderSize + start->length;
  if (seen.size() < end) return opening;
  const std::string_view name = text(seen.subspan(kHeaderSize, start->length));
  opening.mechanism = plain(name, kMaxMechanism);
  if (!is_mechanism_name(name)) return refuse(opening, Cause::mechanism_name, {{"mechanism", name}});
  if (!accepts(policy, opening.mechanism)) {
    return refuse(opening, Cause::mechanism_refused, {{"mechanism", name}});
  }
  if (opening.mechanism == "PLAIN" && !policy.plain_allowed) return refuse(opening, Cause::plain_in_clear);
  return judge_token_frame(std::move(opening), seen.subspan(end), end, policy);
}

Opening judge_hello(Opening opening, Bytes seen) {
  const ClientHello hello = read_client_hello(seen);
  switch (hello.state) {
    case ClientHello::State::more:
      return opening;
    case ClientHello::State::whole:
      return dial(std::move(opening), hello.length, true);
    case ClientHello::State::wrong:
      break;
  }
  return refuse(opening, Cause::bad_client_hello);
}

}  // namespace

Opening classify(Bytes seen, const Policy& policy) {
  const FirstBytes first = read_first_bytes(seen);
  Opening opening;
  opening.kind = first.kind;
  switch (first.kind) {
    case Kind::unknown:
      break;
    case Kind::sasl:
      return judge_login(std::move(opening), seen, policy);
    case Kind::tls:
      return judge_hello(std::move(opening), seen);
    case Kind::http:
    case Kind::thrift:
      return dial(std::move(opening), seen.size(), false);
    case Kind::garbage:
      return refuse(opening, first.cause);
  }
  return opening;
}

}  // namespace kerbgate::login
