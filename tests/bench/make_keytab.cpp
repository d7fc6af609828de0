#include <cstdlib>
#include <iostream>
#include <vector>

#include "entries.hpp"

/// make_keytab OUT ENTRIES FIRST: a keytab of ENTRIES principals, impala/hostFIRST.example.com and on, with one
/// AES-256 key each that is derived from the number.
int main(int count, char** words) {
  if (count != 4) {
    std::cerr << "usage: make_keytab OUT ENTRIES FIRST\n";
    return 2;
  }
  const std::uint64_t first = std::strtoull(words[3], nullptr, 10);
  std::vector<kerbgate::keytab::Entry> entries(std::strtoull(words[2], nullptr, 10));
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i] = bench::entry_of(bench::host_name(first + i), first + i);
  const auto written = kerbgate::keytab::write_file(words[1], entries, {});
  if (written) return 0;
  std::cerr << "make_keytab: " << written.error().what << '\n';
  return 3;
}
