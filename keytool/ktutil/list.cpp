#include "ktutil/list.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <unordered_map>

namespace kerbgate::ktutil {
namespace {

std::string right(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string local_time(std::uint32_t timestamp) {
  const auto seconds = static_cast<std::time_t>(timestamp);
  std::tm fields{};
  localtime_r(&seconds, &fields);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%m/%d/%y %H:%M:%S", &fields)};
}

std::string enctype_text(std::int32_t enctype) {
  const std::string name = keytab::enctype_name(enctype);
  return name == std::to_string(enctype) ? "etype " + name : name;
}

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) out += {kDigits[byte >> 4], kDigits[byte & 15]};
  return out;
}

std::string heading(const ListOptions& options) {
  std::string dashes = "---- ---- ";
  if (options.times) dashes += std::string(17, '-') + ' ';
  dashes += std::string(options.times ? 51 : 69, '-');
  return (options.times ? "slot KVNO Timestamp         Principal\n" : "slot KVNO Principal\n") + dashes + '\n';
}

std::string slot_name(const keytab::Entry& entry) {
  return entry.principal.str() + '\0' + std::to_string(entry.kvno) + '\0' + std::to_string(entry.enctype);
}

}  // namespace

std::optional<ListOptions> parse_list_options(std::span<const std::string> words) {
  ListOptions options;
  for (const std::string& word : words) {
    if (word == "-t") {
      options.times = true;
    } else if (word == "-k") {
      options.keys = true;
    } else if (word == "-e") {
      options.enctypes = true;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

std::string listing(std::span<const keytab::Entry> entries, const ListOptions& options) {
  std::string out = heading(options);
  std::size_t slot = 0;
  for (const keytab::Entry& entry : entries) {
    out += right(std::to_string(++slot), 4) + ' ' + right(std::to_string(entry.kvno), 4) + ' ';
    if (options.times) out += local_time(entry.timestamp) + ' ';
    out += right(entry.principal.printable(), 40);
    if (options.enctypes) out += " (" + enctype_text(entry.enctype) + ") ";
    if (options.keys) out += " (0x" + hex(entry.key.bytes()) + ')';
    out += '\n';
  }
  return out;
}

std::vector<keytab::Entry> appended(std::vector<keytab::Entry> there, std::span<const keytab::Entry> list) {
  for (const keytab::Entry& entry : list) there.push_back(entry.copy());
  std::vector<keytab::Entry> out;
  out.reserve(there.size());
  std::unordered_map<std::string, std::vector<std::size_t>> places;
  for (keytab::Entry& entry : there) {
    std::vector<std::size_t>& slot = places[slot_name(entry)];
    const auto twin = std::ranges::find_if(slot, [&](std::size_t at) { return keytab::same_key(out[at], entry); });
    if (twin != slot.end()) {
      out[*twin].timestamp = std::max(out[*twin].timestamp, entry.timestamp);
      continue;
    }
    slot.push_back(out.size());
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace kerbgate::ktutil
