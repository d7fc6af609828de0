#pragma once

#include <string>

#include "kerbgate/keytab.hpp"

namespace kerbgate::keytab {

/// "damaged at byte 82: record needs 72 bytes, 52 left; 1 entry unreadable", or "doubtful entry at byte 82: ...".
std::string damage_text(const Damage& damage);

}  // namespace kerbgate::keytab
