#include "support/names.hpp"

#include <unistd.h>

namespace kerbgate::e2e {

Names::Names(const TempDir& dir) : file_(dir / "hosts") {}

/// Of this process alone, as far as that goes: tests that run side by side then cannot take each other's ports.
std::string Names::add(const std::string& name) {
  const auto id = static_cast<unsigned>(getpid());
  const std::string address = "127." + std::to_string(64 + id / 256 % 64) + "." + std::to_string(id % 256) + "." +
                              std::to_string(addresses_.size() + 1);
  addresses_[name] = address;
  reverse_[address] = name;
  write();
  return address;
}

void Names::set_reverse(const std::string& name, const std::string& answer) {
  reverse_[address(name)] = answer;
  write();
}

void Names::add_alias(const std::string& name, const std::string& alias) {
  addresses_[alias] = address(name);
  write();
}

void Names::remove_reverse(const std::string& name) { without_reverse_ += address(name) + ","; }

void Names::add_cname(const std::string& name, const std::string& alias) {
  cnames_[alias] = name;
  write();
}

const std::string& Names::address(const std::string& name) const { return addresses_.at(name); }

/// The first line of an address answers its reverse lookup.
void Names::write() const {
  std::string text;
  const auto aliases = [&](const std::string& name) {
    std::string words;
    for (const auto& [alias, real] : cnames_) words += real == name ? " " + alias : "";
    return words;
  };
  for (const auto& [address, name] : reverse_) text += address + " " + name + aliases(name) + "\n";
  for (const auto& [name, address] : addresses_)
    if (reverse_.at(address) != name) text += address + " " + name + "\n";
  write_file(file_, text);
}

Environment Names::environment() const {
  return {{"LD_PRELOAD", KERBGATE_ONE_LOOKUP ":libnss_wrapper.so"},
          {"NSS_WRAPPER_HOSTS", file_},
          {"KERBGATE_WITHOUT_REVERSE", without_reverse_},
          // what a program built with AddressSanitizer needs to run under a preloaded library
          {"NSS_WRAPPER_DISABLE_DEEPBIND", "1"},
          {"ASAN_OPTIONS", "verify_asan_link_order=0"}};
}

}  // namespace kerbgate::e2e
