// sname_to_principal yes|no|fallback true|false DOMAIN NAME...
// A line for each name: what libkrb5 makes of it under KRB5_CONFIG (krb5_sname_to_principal's host, then
// krb5_expand_hostname's answer), and what kerbgate::canonical() makes of it under the rules given. Tab between them.
#include <krb5.h>
#include <sched.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "kerbgate/canonical.hpp"

namespace {

std::string principal_host(krb5_context context, const char* name) {
  krb5_principal principal = nullptr;
  if (krb5_sname_to_principal(context, name, "impala", KRB5_NT_SRV_HST, &principal) != 0) return "(failed)";
  std::string host(principal->data[1].data, principal->data[1].length);
  krb5_free_principal(context, principal);
  return host;
}

std::string expanded(krb5_context context, const char* name) {
  char* host = nullptr;
  if (krb5_expand_hostname(context, name, &host) != 0) return "(failed)";
  std::string text(host);
  krb5_free_string(context, host);
  return text;
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) return 2;
  // Names that the hosts file lacks are asked of the machine's DNS: without a network that fails at once. Where this is
  // not permitted RES_OPTIONS bounds the wait.
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) setenv("RES_OPTIONS", "timeout:1 attempts:1", 1);
  const std::string dns = words[1];
  using kerbgate::Canonicalize;
  const kerbgate::CanonicalRules rules{dns == "yes"  ? Canonicalize::yes
                                       : dns == "no" ? Canonicalize::no
                                                     : Canonicalize::fallback,
                                       std::string(words[2]) == "true", words[3]};
  krb5_context context = nullptr;
  if (krb5_init_context(&context) != 0) return 3;
  kerbgate::SystemResolver resolver;
  for (int i = 4; i < count; ++i) {
    std::cout << words[i] << '\t' << principal_host(context, words[i]) << '\t' << expanded(context, words[i]) << '\t'
              << kerbgate::canonical(words[i], rules, resolver).host << '\n';
  }
  krb5_free_context(context);
  return 0;
}
