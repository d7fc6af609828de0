#include "prepared_logins.hpp"

#include <stdexcept>

#include "acceptor/service_ticket.hpp"
#include "kerbgate/gss_login.hpp"
#include "kerbgate/late_login.hpp"
#include "login/reception.hpp"
#include "login/ticket.hpp"
#include "support/temp_dir.hpp"

namespace kerbgate::bench {
namespace {

template <class T>
T value(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(*result);
}

std::shared_ptr<const AcceptorKeys> keys_of(const std::string& file) {
  const std::string text = e2e::read_file(file);
  return value(AcceptorKeys::make({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
}

std::vector<std::uint8_t> opening(std::span<const std::uint8_t> token) {
  static constexpr std::uint8_t kMechanism[]{'G', 'S', 'S', 'A', 'P', 'I'};
  std::vector<std::uint8_t> out = sasl::frame_around(sasl::Status::start, kMechanism);
  const std::vector<std::uint8_t> frame = sasl::frame_around(sasl::Status::ok, token);
  out.insert(out.end(), frame.begin(), frame.end());
  return out;
}

}  // namespace

Service::Service(const KerberosOptions& options)
    : acceptor_(value(Acceptor::make(value(Krb5Conf::read())))), keys_(keys_of(options.keytab)) {}

std::shared_ptr<Login::State> Service::accept(std::span<const std::uint8_t> token) {
  const login::Token read = login::read_token(token);
  if (!read.request) throw std::runtime_error("no Kerberos token");
  const Acceptance acceptance = acceptor_.accept(*read.request, *keys_);
  if (!acceptance.login) throw std::runtime_error("no login: " + acceptance.no.words);
  return acceptance.login->state;
}

PreparedLogins::PreparedLogins(const KerberosOptions& options, unsigned count) {
  Service service(options);
  logins_.reserve(count);
  if (options.principals == 0) {
    e2e::ServiceTicket ticket = e2e::ServiceTicket::of_cache(options.service);
    while (logins_.size() < count) prepare(service, ticket.token());
    return;
  }
  e2e::TicketForge forge(options.service, options.keytab);
  while (logins_.size() < count)
    prepare(service, forge.ticket("user" + std::to_string(logins_.size() % options.principals)).token());
}

void PreparedLogins::prepare(Service& service, std::vector<std::uint8_t> token) {
  const auto state = service.accept(token);
  login::Reception reception{LateAcceptance(state)};
  SaslLogin client(std::make_unique<LateInitiation>(state, ""));
  PreparedLogin made{opening(token), {}};
  for (auto said = reception.begin(); client.state() == SaslLogin::State::going && !said.empty();) {
    auto answer = client.feed(said);
    said = reception.feed(answer).out;
    if (!answer.empty()) made.answers.push_back(std::move(answer));
  }
  if (client.state() != SaslLogin::State::done) throw std::runtime_error("no login: " + client.why());
  logins_.push_back(std::move(made));
}

}  // namespace kerbgate::bench
