#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "kerbgate/keytab.hpp"

/// make_keytab OUT ENTRIES FIRST: a keytab of ENTRIES principals, impala/hostFIRST.example.com and on, with one
/// AES-256 key each that is derived from the number.
namespace {

kerbgate::keytab::Entry entry_of(std::uint64_t number) {
  kerbgate::keytab::Entry entry;
  entry.principal = {{"impala", "host" + std::to_string(number) + ".example.com"}, "EXAMPLE.COM", 1};
  entry.timestamp = 1700000000;
  entry.kvno = 2;
  entry.enctype = 18;
  entry.key = kerbgate::Secret(std::size_t{32});
  for (std::size_t i = 0; i < 32; ++i) entry.key.writable()[i] = static_cast<std::uint8_t>(number >> (i % 8 * 8));
  return entry;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) {
    std::cerr << "usage: make_keytab OUT ENTRIES FIRST\n";
    return 2;
  }
  const std::uint64_t first = std::strtoull(words[3], nullptr, 10);
  std::vector<kerbgate::keytab::Entry> entries(std::strtoull(words[2], nullptr, 10));
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i] = entry_of(first + i);
  const auto written = kerbgate::keytab::write_file(words[1], entries, {});
  if (written) return 0;
  std::cerr << "make_keytab: " << written.error().what << '\n';
  return 3;
}
