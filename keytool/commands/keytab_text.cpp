#include "commands/keytab_text.hpp"

#include <array>
#include <ctime>

namespace kerbgate::commands {

std::string iso_time(std::uint32_t timestamp) {
  const auto seconds = static_cast<std::time_t>(timestamp);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string damage_remedy(const std::string& file) {
  return "restore it from a good copy or export its keys again; keytool merge --salvage " + file +
         " -o OUT keeps what can be trusted";
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) out += {kDigits[byte >> 4], kDigits[byte & 15]};
  return out;
}

boost::json::object slot_json(const keytab::Entry& entry) {
  return {{"principal", entry.principal.printable()},
          {"kvno", entry.kvno},
          {"enctype", keytab::enctype_name(entry.enctype)},
          {"enctype_number", entry.enctype}};
}

boost::json::array damage_json(const std::vector<keytab::Damage>& damage) {
  boost::json::array out;
  for (const keytab::Damage& one : damage) {
    out.push_back(boost::json::object{
        {"offset", one.offset}, {"reason", one.reason}, {"entries_lost", one.entries_lost}, {"fatal", one.fatal}});
  }
  return out;
}

std::string format_text(const keytab::Scan& scan) { return "0x050" + std::to_string(scan.version); }

}  // namespace kerbgate::commands
