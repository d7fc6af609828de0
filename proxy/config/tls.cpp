#include "config/tls.hpp"

#include <array>

#include "config/nearest.hpp"

namespace kerbgate::config {
namespace {

constexpr std::array<std::string_view, 4> kVersions = {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
constexpr std::string_view kSystemCa = "@system-ca";

/// Relative names begin in `base`.
void rebase(std::string& file, const std::string& base) {
  if (!file.empty() && !base.empty() && file[0] != '/' && file != kSystemCa) file = base + '/' + file;
}

template <class T>
void inherit(T& mine, const T& global) {
  if (mine == T{}) mine = global;
}

void take_in(Tls& tls, const Tls& global, const Global& all) {
  inherit(tls.ciphers, global.ciphers);
  inherit(tls.ciphersuites, global.ciphersuites);
  inherit(tls.verify, global.verify);
  inherit(tls.least, global.least);
  inherit(tls.most, global.most);
  inherit(tls.tickets, global.tickets);
  inherit(tls.prefer_client, global.prefer_client);
  tls.strict_sni = tls.strict_sni || global.strict_sni;
  for (std::string& file : tls.crt) rebase(file, all.crt_base);
  rebase(tls.ca_file, all.ca_base);
  rebase(tls.crl_file, all.ca_base);
}

void check_versions(const Tls& tls, const Position& at, const std::string& who, Report& report) {
  if (tls.most && *tls.most < tls.least.value_or(TlsVersion::v1_2))
    report.say(Level::alert, at,
               who + " : no TLS version is left: ssl-max-ver " + std::string(kVersions[std::size_t(*tls.most)]) +
                   " is below ssl-min-ver " +
                   std::string(kVersions[std::size_t(tls.least.value_or(TlsVersion::v1_2))]));
}

}  // namespace

std::optional<TlsVersion> parse_tls_version(const Place& place, const Word& word) {
  for (std::size_t i = 0; i < kVersions.size(); ++i)
    if (kVersions[i] == word.text) return TlsVersion(i);
  place.alert(word, "supports TLSv1.0, TLSv1.1, TLSv1.2 and TLSv1.3 (got " + quoted(word.text) + ")" +
                        did_you_mean(word.text, kVersions));
  return std::nullopt;
}

std::optional<TlsVerify> parse_verify(const Place& place, const Word& word, bool of_bind) {
  if (word.text == "none") return TlsVerify::none;
  if (word.text == "required") return TlsVerify::required;
  if (word.text == "optional" && of_bind) return TlsVerify::optional;
  place.alert(word, std::string("supports none, ") + (of_bind ? "optional and required" : "and required") + " (got " +
                        quoted(word.text) + ")");
  return std::nullopt;
}

std::optional<std::vector<std::string>> parse_alpn(const Place& place, const Word& word) {
  std::vector<std::string> out(1);
  for (const char c : word.text) {
    if (c == ',')
      out.emplace_back();
    else
      out.back() += c;
  }
  for (const std::string& name : out)
    if (name.empty() || name.size() > 255) {
      place.alert(word,
                  "expects protocol names of 1 to 255 characters with commas between (got " + quoted(word.text) + ")");
      return std::nullopt;
    }
  return out;
}

void apply_tls_options(const Place& place, std::span<const Word> words, Tls& tls, bool of_bind) {
  static constexpr std::array<std::string_view, 12> kKnown = {"ssl-min-ver",
                                                              "ssl-max-ver",
                                                              "no-sslv3",
                                                              "no-tlsv10",
                                                              "no-tlsv11",
                                                              "no-tlsv12",
                                                              "no-tlsv13",
                                                              "no-tls-tickets",
                                                              "force-tlsv12",
                                                              "force-tlsv13",
                                                              "prefer-client-ciphers",
                                                              "strict-sni"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i].text;
    if (word == "ssl-min-ver" || word == "ssl-max-ver") {
      if (i + 1 == words.size()) return place.alert(words[i], "expects a version after " + quoted(word));
      if (const auto version = parse_tls_version(place, words[++i]))
        (word == "ssl-min-ver" ? tls.least : tls.most) = version;
    } else if (word == "no-tlsv12") {
      tls.least = TlsVersion::v1_3;
    } else if (word == "no-tlsv13") {
      tls.most = TlsVersion::v1_2;
    } else if (word == "force-tlsv12") {
      tls.least = tls.most = TlsVersion::v1_2;
    } else if (word == "force-tlsv13") {
      tls.least = tls.most = TlsVersion::v1_3;
    } else if (word == "no-tls-tickets") {
      tls.tickets = false;
    } else if (of_bind && word == "prefer-client-ciphers") {
      tls.prefer_client = true;
    } else if (of_bind && word == "strict-sni") {
      tls.strict_sni = true;
    } else if (word != "no-sslv3" && word != "no-tlsv10" && word != "no-tlsv11") {
      place.alert(words[i], "unknown option " + quoted(word) + did_you_mean(word, kKnown));
    }
  }
}

void finish_tls(Bind& bind, const Draft& draft, Report& report) {
  Tls& tls = bind.tls;
  if (!tls.on) return;
  take_in(tls, draft.global.bind_tls, draft.global);
  const std::string who = "'bind " + bind.key() + "'";
  if (tls.crt.empty())
    report.say(Level::alert, bind.at,
               who + " : no SSL certificate specified (use 'crt FILE': chain and key in one PEM)");
  if (tls.verify.value_or(TlsVerify::none) != TlsVerify::none && tls.ca_file.empty())
    report.say(Level::alert, bind.at,
               who + " : verify is enabled but no CA file specified (use 'ca-file FILE': who signs the clients')");
  check_versions(tls, bind.at, who, report);
}

void finish_tls(Server& server, const std::string& backend, const Draft& draft, Report& report) {
  Tls& tls = server.tls;
  take_in(tls, draft.global.server_tls, draft.global);
  const std::string who = "'server " + backend + '/' + server.name + "'";
  if (!tls.on && !tls.verify && tls.ca_file.empty()) tls.verify = TlsVerify::none;  // only checks speak TLS
  if (tls.verify.value_or(TlsVerify::required) == TlsVerify::required && tls.ca_file.empty())
    report.say(Level::alert, server.at,
               who +
                   " : verify is enabled by default but no CA file specified: add 'ca-file FILE' (or 'ca-file "
                   "@system-ca'); where whoever answers at that address is to be trusted, 'verify none'");
  check_versions(tls, server.at, who, report);
}

}  // namespace kerbgate::config
