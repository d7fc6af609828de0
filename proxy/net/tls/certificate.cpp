#include "net/tls/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "net/tls/handle.hpp"

namespace kerbgate::net::tls {
namespace {

using std::chrono::system_clock;

system_clock::time_point time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return system_clock::from_time_t(::timegm(&parts));
}

std::string text_of(const X509_NAME* name) {
  const Bio out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, std::size_t(std::max(size, 0L))};
}

std::string hexadecimal(const ASN1_INTEGER* number) {
  const std::unique_ptr<BIGNUM, Freed<BN_free>> value(ASN1_INTEGER_to_BN(number, nullptr));
  char* text = value ? BN_bn2hex(value.get()) : nullptr;
  std::string out = text != nullptr ? text : "";
  OPENSSL_free(text);
  return out;
}

std::string address_of(const ASN1_OCTET_STRING* octets) {
  char text[INET6_ADDRSTRLEN] = "";
  const int size = ASN1_STRING_length(octets);
  if (size != 4 && size != 16) return "";
  ::inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(octets), text, sizeof text);
  return text;
}

void free_names(GENERAL_NAMES* names) { GENERAL_NAMES_free(names); }

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names, addresses;
  const std::unique_ptr<GENERAL_NAMES, Freed<free_names>> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) {
      const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
      names.push_back(lower_case({data, std::size_t(ASN1_STRING_length(name->d.dNSName))}));
    } else if (name->type == GEN_IPADD) {
      if (std::string address = address_of(name->d.iPAddress); !address.empty()) addresses.push_back(address);
    }
  }
  names.insert(names.end(), addresses.begin(), addresses.end());
  return names;
}

std::string day(system_clock::time_point at) {
  const std::time_t seconds = system_clock::to_time_t(at);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts)};
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  if (names.empty()) return "it has none";
  std::string out = "it has ";
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kShown) out += " and " + std::to_string(names.size() - kShown) + " more";
  return out;
}

}  // namespace

std::string take_error(const char* otherwise) {
  const unsigned long code = ERR_peek_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason != nullptr ? reason : otherwise;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return text;
}

bool Certificate::covers(std::string_view host) const {
  const std::size_t dot = host.find('.');
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    if (name == host) return true;
    return name.starts_with("*.") && dot != std::string_view::npos && dot > 0 &&
           std::string_view(name).substr(1) == host.substr(dot);
  });
}

Certificate describe(x509_st* certificate, std::string file) {
  Certificate out;
  out.file = std::move(file);
  out.subject = text_of(X509_get_subject_name(certificate));
  out.issuer = text_of(X509_get_issuer_name(certificate));
  out.serial = hexadecimal(X509_get0_serialNumber(certificate));
  out.names = names_of(certificate);
  out.begins = time_of(X509_get0_notBefore(certificate));
  out.ends = time_of(X509_get0_notAfter(certificate));
  ERR_clear_error();
  return out;
}

std::vector<std::string> doubts(const Certificate& certificate, std::span<const std::string> wanted,
                                system_clock::time_point now) {
  using std::chrono::hours;
  std::vector<std::string> out;
  if (now < certificate.begins) {
    out.push_back("is not valid before " + day(certificate.begins) + ": clients refuse it until then");
  } else if (now >= certificate.ends) {
    out.push_back("expired at " + day(certificate.ends) + ": clients refuse it; replace it");
  } else if (const auto left = certificate.ends - now; left < hours(24 * 30)) {
    out.push_back("expires at " + day(certificate.ends) + ", in " +
                  std::to_string(std::chrono::duration_cast<hours>(left).count() / 24) +
                  " days: replace it before that");
  }
  for (const std::string& name : wanted)
    if (!certificate.covers(name))
      out.push_back("does not hold the name " + name + " (subjectAltName: " + listed(certificate.names) +
                    "): clients that connect to " + name + " refuse it");
  return out;
}

}  // namespace kerbgate::net::tls
