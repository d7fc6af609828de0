#include <cstdlib>

#include "login/ticket.hpp"

using namespace kerbgate::login;

/// A token is a ticket or has a name; every octet counts, so neither a shorter nor a longer one is the same ticket.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes token(data, size);
  const Token read = read_token(token);
  const auto ticket = read_ticket(token);
  if (read.ticket.has_value() != (read.content == Content::kerberos)) std::abort();
  if (read.mechanism.empty() == (read.content == Content::other_mechanism)) std::abort();
  if (ticket.has_value() != read.ticket.has_value()) std::abort();
  if (!ticket) return 0;
  if (ticket->service.size() > 2 * size || ticket->realm.size() > 2 * size) std::abort();
  if (enctype_words(ticket->enctype).empty()) std::abort();
  if (read_ticket(token.first(size - 1))) std::abort();
  return 0;
}
