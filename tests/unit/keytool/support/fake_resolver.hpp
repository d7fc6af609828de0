#pragma once

#include <map>
#include <set>
#include <string>

#include "kerbgate/resolver.hpp"

namespace kerbgate::test {

/// DNS as a table. What is not in it does not exist; what is in `silent` (a name or an address) gets no answer.
struct FakeResolver : Resolver {
  std::map<std::string, Forward> names;
  std::map<std::string, std::string> pointers;  ///< by the address as text
  std::set<std::string> silent;

  Result<Forward> forward(const std::string& host) override {
    if (silent.count(host) > 0) return Error(Errc::dns_no_answer, host + ": no answer");
    const auto found = names.find(host);
    return found == names.end() ? Result<Forward>(Error(Errc::not_found, host + ": does not exist")) : found->second;
  }

  Result<std::optional<std::string>> reverse(const IpAddress& address) override {
    const std::string text = address.str();
    if (silent.count(text) > 0) return Error(Errc::dns_no_answer, text + ": no answer");
    const auto found = pointers.find(text);
    return found == pointers.end() ? std::optional<std::string>() : std::optional(found->second);
  }
};

}  // namespace kerbgate::test
