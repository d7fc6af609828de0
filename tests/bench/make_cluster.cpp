#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

#include "entries.hpp"

/// make_cluster DIR HOSTS: DIR/inventory of HOSTS coordinators, DIR/keytabs/HOST.keytab for each and
/// DIR/keytabs/proxy.keytab, an AES-256 and an AES-128 key in every file.
namespace {

bool put(const std::string& path, const std::string& host, std::uint64_t number) {
  std::vector<kerbgate::keytab::Entry> entries;
  for (const std::size_t octets : {32, 16}) entries.push_back(bench::entry_of(host, number, octets));
  const auto bytes = kerbgate::keytab::encode(entries);
  std::ofstream out(path, std::ios::binary);
  if (bytes) {
    out.write(reinterpret_cast<const char*>(bytes->bytes().data()), static_cast<std::streamsize>(bytes->size()));
  }
  return bytes && out.flush();
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::cerr << "usage: make_cluster DIR HOSTS\n";
    return 2;
  }
  const std::string directory = words[1], keytabs = directory + "/keytabs/";
  const std::uint64_t hosts = std::strtoull(words[2], nullptr, 10);
  std::filesystem::create_directories(keytabs);
  std::ofstream inventory(directory + "/inventory");
  bool written = put(keytabs + "proxy.keytab", "proxy.example.com", hosts);
  for (std::uint64_t i = 0; i < hosts; ++i) {
    inventory << bench::host_name(i) << '\n';
    written = written && put(keytabs + bench::host_name(i) + ".keytab", bench::host_name(i), i);
  }
  if (written && inventory.flush()) return 0;
  std::cerr << "make_cluster: " << directory << " cannot be written\n";
  return 3;
}
