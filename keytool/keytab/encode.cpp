#include <algorithm>
#include <limits>

#include "kerbgate/keytab.hpp"
#include "keytab/record.hpp"

namespace kerbgate::keytab {
namespace {

/// Beyond this libkrb5's file offsets, which are signed 32-bit numbers, wrap.
constexpr std::size_t kMaxFile = std::numeric_limits<std::int32_t>::max();

bool countable(std::size_t size) { return size >= 1 && size <= kMaxOctets; }

/// Why the format cannot hold the entry; empty when it can.
std::string obstacle(const Entry& entry) {
  const Principal& principal = entry.principal;
  const auto of = [](std::size_t size) { return std::to_string(size) + " octets, not 1 to 32767"; };
  if (!countable(principal.components.size())) {
    return std::to_string(principal.components.size()) + " components, not 1 to 32767";
  }
  if (!countable(principal.realm.size())) return "a realm of " + of(principal.realm.size());
  for (const std::string& component : principal.components) {
    if (!countable(component.size())) return "a component of " + of(component.size());
  }
  if (!countable(entry.key.size())) return "a key of " + of(entry.key.size());
  if (entry.enctype < INT16_MIN || entry.enctype > INT16_MAX) {
    return "enctype " + std::to_string(entry.enctype) + ", which does not fit 16 bits";
  }
  return {};
}

std::size_t record_size(const Entry& entry) {
  std::size_t size = 2 + 2 + entry.principal.realm.size() + 4 + 4 + 1 + 2 + 2 + entry.key.size() + 4;
  for (const std::string& component : entry.principal.components) size += 2 + component.size();
  return size;
}

/// Writes big-endian fields one after the other into a buffer of the right size.
class FieldWriter {
 public:
  explicit FieldWriter(std::span<std::uint8_t> out) : out_(out) {}
  void number8(std::uint32_t value) { put(value, 1); }
  void number16(std::size_t value) { put(value, 2); }
  void number32(std::uint32_t value) { put(value, 4); }
  template <class Octets>
  void octets(const Octets& octets) {
    number16(octets.size());
    std::copy(octets.begin(), octets.end(), out_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += octets.size();
  }

 private:
  void put(std::size_t value, unsigned bytes) {
    while (bytes-- > 0) out_[at_++] = static_cast<std::uint8_t>(value >> (8 * bytes));
  }
  std::span<std::uint8_t> out_;
  std::size_t at_ = 0;
};

void write_record(FieldWriter& out, const Entry& entry) {
  out.number32(static_cast<std::uint32_t>(record_size(entry)));
  out.number16(entry.principal.components.size());
  out.octets(entry.principal.realm);
  for (const std::string& component : entry.principal.components) out.octets(component);
  out.number32(static_cast<std::uint32_t>(entry.principal.name_type));
  out.number32(entry.timestamp);
  out.number8(entry.kvno);
  out.number16(static_cast<std::uint16_t>(entry.enctype));
  out.octets(entry.key.bytes());
  out.number32(entry.kvno);
}

}  // namespace

Result<Secret> encode(std::span<const Entry> entries) {
  std::size_t total = kHeaderSize;
  for (const Entry& entry : entries) {
    if (const std::string why = obstacle(entry); !why.empty()) {
      return Error(Errc::unrepresentable, "entry " + entry.principal.printable() + " kvno " +
                                              std::to_string(entry.kvno) + ": a keytab cannot hold " + why);
    }
    total += kLengthSize + record_size(entry);
    if (total > kMaxFile) {
      return Error(Errc::unrepresentable, "the keytab would be larger than 2 GiB, which libkrb5 cannot read");
    }
  }
  Secret bytes(total);
  FieldWriter out(bytes.writable());
  out.number16(0x0502);
  for (const Entry& entry : entries) write_record(out, entry);
  return bytes;
}

}  // namespace kerbgate::keytab
