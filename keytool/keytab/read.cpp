#include <algorithm>
#include <filesystem>

#include "keytab/agreement.hpp"
#include "keytab/file.hpp"

namespace kerbgate::keytab {
namespace {

/// libkrb5 is shown the very bytes that were scanned, in memory: the file may change meanwhile, and standard input
/// cannot be read twice.
Result<void> hold_against_library(Scan& scan, std::span<const std::uint8_t> bytes) {
  const auto file = MemoryFile::holding(bytes);
  if (!file) return file.error();
  Agreement agreement(scan);
  const auto read = each_library_entry(file->path(), [&](const LibraryEntry& entry) { return agreement.take(entry); });
  auto found = agreement.finish(read ? std::nullopt : std::optional<Error>(read.error()));
  scan.damage.insert(scan.damage.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  std::ranges::stable_sort(scan.damage, {}, &Damage::offset);
  return {};
}

}  // namespace

Result<Scan> read(const std::string& path) {
  const auto file = path == "-" ? Result<std::string>(path) : file_path(path);
  if (!file) return file.error();
  const auto contents = read_bytes(*file);
  if (!contents) return contents.error();
  auto scanned = scan(contents->bytes.bytes());
  const std::string name = path == "-" ? "standard input" : *file;
  if (!scanned) return Error(scanned.error().code, name + ": " + scanned.error().what);
  if (auto held = hold_against_library(*scanned, contents->bytes.bytes()); !held) {
    return Error(held.error().code, name + ": " + held.error().what);
  }
  scanned->state = contents->state;
  return scanned;
}

Result<Scan> read_regular(const std::string& path) {
  const auto file = file_path(path);
  if (!file) return file.error();
  std::error_code unknown;  // read() says why
  const auto type = std::filesystem::status(*file, unknown).type();
  if (!unknown && type != std::filesystem::file_type::regular)
    return Error(Errc::io, *file + ": a keytab is a regular file, this is not");
  return read(path);
}

}  // namespace kerbgate::keytab
