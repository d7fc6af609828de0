#include "kerbgate/keytab.hpp"

#include "counted.hpp"

namespace kerbgate::keytab {

Entry Entry::copy() const {
  Entry out;
  out.principal = principal;
  out.timestamp = timestamp;
  out.kvno = kvno;
  out.enctype = enctype;
  out.key = key.copy();
  out.offset = offset;
  return out;
}

bool same_slot(const Entry& a, const Entry& b) {
  return a.kvno == b.kvno && a.enctype == b.enctype && a.principal == b.principal;
}

bool same_key(const Entry& a, const Entry& b) {
  return same_slot(a, b) && a.principal.name_type == b.principal.name_type && a.key == b.key;
}

std::string slot_text(const Entry& entry) {
  return entry.principal.printable() + " kvno " + std::to_string(entry.kvno) + ' ' + enctype_name(entry.enctype);
}

std::string damage_text(const Damage& damage) {
  std::string out = damage.fatal ? "damaged at byte " : "doubtful entry at byte ";
  out += std::to_string(damage.offset) + ": " + damage.reason;
  if (damage.entries_lost > 0) out += "; " + counted(damage.entries_lost, "entry", "entries") + " unreadable";
  return out;
}

}  // namespace kerbgate::keytab
