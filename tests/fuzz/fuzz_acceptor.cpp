#include <cstdlib>
#include <iterator>

#include "login/ticket.hpp"
#include "login/verification.hpp"
#include "unit/keytool/keytab_fixture.hpp"

using namespace kerbgate;

/// Whatever comes as a token, or as an AP-REQ behind clear fields that fit the keytab: it is no login, since nobody
/// here has its key, and the reason can be told.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto keys = [] {
    keytab_fixture::File file;
    keytab_fixture::Record record;
    record.components = {"impala", "lb.example.test"};
    record.realm = "EXAMPLE.TEST";
    record.kvno8 = record.kvno32 = 2;
    file.add(record);
    return *AcceptorKeys::make(file.octets());
  }();
  static Acceptor acceptor = std::move(*Acceptor::make({}));
  const std::span<const std::uint8_t> input(data, size);
  login::Token token = login::read_token(input);
  if (!token.request) {
    token.ticket = login::Ticket{"impala/lb.example.test", "EXAMPLE.TEST", 18, 2, true};
    token.request = ApReq{input, {{"impala", "lb.example.test"}, "EXAMPLE.TEST"}, 2, 18};
  }
  const Acceptance acceptance = acceptor.accept(*token.request, *keys);
  if (acceptance.login) std::abort();
  const auto why = login::explain(acceptance.no, *token.ticket, keys->slots(), acceptor.skew());
  if (why.cause == login::Cause::none || why.text.empty()) std::abort();
  return 0;
}
