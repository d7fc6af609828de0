#pragma once

#include "config/draft.hpp"
#include "config/option.hpp"

/// The TLS words of bind and server lines, and of global.
namespace kerbgate::config {

/// `TLSv1.2`; nullopt after saying what there is.
std::optional<TlsVersion> parse_tls_version(const Place& place, const Word& word);
/// `h2,http/1.1`; nullopt after saying what is wrong.
std::optional<std::vector<std::string>> parse_alpn(const Place& place, const Word& word);

/// `WORD...` of ssl-default-bind-options and ssl-default-server-options.
void apply_tls_options(const Place& place, std::span<const Word> words, Tls& tls, bool of_bind);

/// Takes in what global says, and says what a line lacks: a certificate, a CA.
void finish_tls(Bind& bind, const Draft& draft, Report& report);
void finish_tls(Server& server, const std::string& backend, const Draft& draft, Report& report);

template <class Target>
void tls_on(const OptionUse<Target>& use) {
  use.target.tls.on = true;
}
template <class Target>
void add_crt(const OptionUse<Target>& use) {
  use.target.tls.crt.push_back(use.args[0].text);
}
template <auto Field, class Target>
void set_tls(const OptionUse<Target>& use) {
  use.target.tls.*Field = use.args[0].text;
}
template <auto Field, bool Value, class Target>
void set_flag_of(const OptionUse<Target>& use) {
  use.target.tls.*Field = Value;
}
template <auto Field, class Target>
void set_version(const OptionUse<Target>& use) {
  if (const auto version = parse_tls_version(use.place, use.args[0])) use.target.tls.*Field = version;
}
template <class Target>
void set_alpn(const OptionUse<Target>& use) {
  if (auto list = parse_alpn(use.place, use.args[0])) use.target.tls.alpn = std::move(*list);
}
template <class Target>
void raise_least(const OptionUse<Target>& use) {
  use.target.tls.least = TlsVersion::v1_3;
}
template <class Target>
void lower_most(const OptionUse<Target>& use) {
  use.target.tls.most = TlsVersion::v1_2;
}

/// none, optional (of a bind line alone), required.
std::optional<TlsVerify> parse_verify(const Place& place, const Word& word, bool of_bind);
template <class Target>
void set_verify(const OptionUse<Target>& use) {
  if (const auto verify = parse_verify(use.place, use.args[0], std::is_same_v<Target, Bind>))
    use.target.tls.verify = verify;
}

}  // namespace kerbgate::config
