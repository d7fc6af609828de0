#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "kerbgate/keytab.hpp"

/// Keytab values as people and machines read them; shared by the commands that show keytabs.
namespace kerbgate::commands {

/// "2023-11-14T22:13:20Z"; the year has four digits and reaches 2106.
std::string iso_time(std::uint32_t timestamp);

/// What can be done about a damaged file of that name.
std::string damage_remedy(const std::string& file);

std::string hex(std::span<const std::uint8_t> bytes);

/// Principal, kvno, enctype, its number: what an entry is called in every JSON answer.
boost::json::object slot_json(const keytab::Entry& entry);
boost::json::array damage_json(const std::vector<keytab::Damage>& damage);
/// "0x0502"
std::string format_text(const keytab::Scan& scan);

}  // namespace kerbgate::commands
