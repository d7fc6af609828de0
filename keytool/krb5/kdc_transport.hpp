#pragma once

#include <krb5.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "kerbgate/kdc.hpp"

/// Carries libkrb5's messages to the KDCs that krb5.conf names, within limits.
namespace kerbgate::kdc {

/// One value of `kdc = ` in krb5.conf.
struct KdcAddress {
  enum class Protocol {
    any,  ///< TCP, and UDP where that is refused
    tcp,
    udp,
    other,  ///< KKDCP, a local socket: libkrb5's business
  };
  std::string host;
  std::uint16_t port = 88;
  Protocol protocol = Protocol::any;
};
/// Pure. host, host:port, [v6]:port, tcp/..., udp/...; `other` for what is none of them.
KdcAddress parse_kdc_address(std::string_view text);

/// A KRB-ERROR, or any answer, for whom it concerns.
class Transport {
 public:
  Transport(const Options& options, Resolver& resolver) : options_(options), resolver_(resolver) {}
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// From now on `context`'s messages go through this object, which must outlive it.
  void attach(krb5_context context);
  [[nodiscard]] const std::vector<Asked>& asked() const noexcept { return asked_; }
  /// The KDC's clock minus ours, by the last KRB-ERROR.
  [[nodiscard]] std::optional<std::chrono::seconds> error_offset() const noexcept { return error_offset_; }

 private:
  using Message = std::vector<std::uint8_t>;
  static krb5_error_code hook(krb5_context context, void* self, const krb5_data* realm, const krb5_data* message,
                              krb5_data** new_message, krb5_data** new_reply);
  krb5_error_code carry(krb5_context context, const krb5_data& realm, const krb5_data& message, krb5_data** reply);
  std::optional<Message> ask(const KdcAddress& kdc, std::span<const std::uint8_t> message);
  std::optional<Message> ask_at(const KdcAddress& kdc, const IpAddress& address, std::span<const std::uint8_t> message);
  void note(const std::string& address, std::string outcome, bool answered = false);
  void note_time(krb5_context context, const krb5_data& reply);

  Options options_;
  Resolver& resolver_;
  std::vector<Asked> asked_;
  std::set<std::string> silent_;  ///< addresses that are not asked again
  std::optional<std::chrono::seconds> error_offset_;
};

}  // namespace kerbgate::kdc
