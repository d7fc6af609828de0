#include "acceptor/initiator.hpp"

#include <cstdlib>
#include <stdexcept>

#include "login/ticket.hpp"

namespace kerbgate::e2e {
namespace {

void become(const Environment& environment) {
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace

Initiator::Initiator(const std::string& enctypes) : realm_(dir_) {
  if (enctypes.empty()) {
    realm_.add_service(kService);
  } else {
    realm_.kadmin({"addprinc", "-requires_preauth", "-randkey", "-e", enctypes, kService});
  }
  realm_.add_user("alice");
  export_key();
  log_in();
}

std::shared_ptr<const AcceptorKeys> Initiator::keys() const {
  const std::string text = read_file(keytab());
  auto made = AcceptorKeys::make({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  if (!made) throw std::runtime_error(made.error().what);
  return *made;
}

Acceptor Initiator::acceptor() const {
  const Result<Krb5Conf> conf = Krb5Conf::read();
  if (!conf) throw std::runtime_error(conf.error().what);
  Result<Acceptor> made = Acceptor::make(*conf);
  if (!made) throw std::runtime_error(made.error().what);
  return std::move(*made);
}

void Initiator::log_in(const std::string& user) { become(realm_.login(user)); }

void Initiator::log_in_at(int seconds) {
  const Environment shifted = Realm::shifted_clock(seconds);
  realm_.restart_kdc(shifted);
  const std::string cache = "FILE:" + (dir_ / "shifted.ccache");
  const Environment there = realm_.environment() + shifted + Environment{{"KRB5CCNAME", cache}};
  run_ok({"kinit", "-k", "-t", dir_ / "realm/alice.keytab", "alice"}, there);
  run_ok({"kvno", kService}, there);
  become(realm_.environment() + Environment{{"KRB5CCNAME", cache}});
}

Octets Initiator::message(const Making& making) const {
  return ServiceTicket::of_cache(kService, making.session_enctype).message(making);
}

Octets Initiator::token(const Making& making) const { return framed(message(making)); }

Acceptance judged(Acceptor& acceptor, const AcceptorKeys& keys, const Octets& token) {
  const login::Token read = login::read_token(token);
  if (read.request) return acceptor.accept(*read.request, keys);
  Acceptance out;
  out.no.why = NoLogin::Why::malformed;
  return out;
}

}  // namespace kerbgate::e2e
