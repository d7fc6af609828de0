#include "keytab/damage_text.hpp"

#include "counted.hpp"

namespace kerbgate::keytab {

std::string damage_text(const Damage& damage) {
  std::string out = damage.fatal ? "damaged at byte " : "doubtful entry at byte ";
  out += std::to_string(damage.offset) + ": " + damage.reason;
  if (damage.entries_lost > 0) out += "; " + counted(damage.entries_lost, "entry", "entries") + " unreadable";
  return out;
}

}  // namespace kerbgate::keytab
