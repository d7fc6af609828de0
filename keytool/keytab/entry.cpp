#include "kerbgate/keytab.hpp"

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

}  // namespace kerbgate::keytab
