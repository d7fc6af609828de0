#include "plan/changes.hpp"

#include <map>
#include <tuple>

namespace kerbgate::plan {
namespace {

using Slot = std::tuple<std::string, std::uint32_t, std::int32_t, std::int32_t>;
using Slots = std::map<Slot, const keytab::Entry*>;

Slots slots_of(std::span<const keytab::Entry> entries) {
  Slots out;
  for (const keytab::Entry& entry : entries) {
    // The first of two is the one that libkrb5 finds.
    out.try_emplace({entry.principal.str(), entry.kvno, entry.enctype, entry.principal.name_type}, &entry);
  }
  return out;
}

KeyChange change(KeyChange::Kind kind, const keytab::Entry& entry) {
  return {kind, entry.principal, entry.kvno, entry.enctype};
}

bool same_group(const KeyChange& a, const KeyChange& b) {
  return a.kind == b.kind && a.kvno == b.kvno && a.principal == b.principal;
}

char sign(KeyChange::Kind kind) {
  return kind == KeyChange::Kind::added ? '+' : kind == KeyChange::Kind::removed ? '-' : '~';
}

/// Enctypes of one principal and kvno stand together.
std::string text_of(std::span<const KeyChange> changes, bool signs) {
  std::string out;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const KeyChange& one = changes[i];
    const bool goes_on = i > 0 && same_group(changes[i - 1], one);
    if (!goes_on) {
      out += (out.empty() ? "" : ", ") + std::string(signs ? 1 : 0, sign(one.kind)) + one.principal.printable() +
             " kvno " + std::to_string(one.kvno) + " (";
    }
    out += (goes_on ? ", " : "") + keytab::enctype_name(one.enctype);
    if (i + 1 == changes.size() || !same_group(one, changes[i + 1])) out += ')';
  }
  return out;
}

}  // namespace

std::vector<KeyChange> key_changes(std::span<const keytab::Entry> before, std::span<const keytab::Entry> after) {
  const Slots old_slots = slots_of(before), new_slots = slots_of(after);
  std::vector<KeyChange> out;
  for (const auto& [slot, entry] : new_slots) {
    const auto old = old_slots.find(slot);
    if (old == old_slots.end()) {
      out.push_back(change(KeyChange::Kind::added, *entry));
    } else if (!(old->second->key == entry->key)) {
      out.push_back(change(KeyChange::Kind::replaced, *entry));
    }
  }
  for (const auto& [slot, entry] : old_slots) {
    if (!new_slots.contains(slot)) out.push_back(change(KeyChange::Kind::removed, *entry));
  }
  return out;
}

std::string change_text(std::span<const KeyChange> changes) { return text_of(changes, true); }

std::string keys_text(std::span<const keytab::Entry> entries) { return text_of(key_changes({}, entries), false); }

const char* change_word(KeyChange::Kind kind) {
  switch (kind) {
    case KeyChange::Kind::added:
      return "added";
    case KeyChange::Kind::removed:
      return "removed";
    case KeyChange::Kind::replaced:
      return "replaced";
  }
  return "";
}

}  // namespace kerbgate::plan
