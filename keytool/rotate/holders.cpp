#include "rotate/holders.hpp"

#include <algorithm>

#include "kerbgate/printable.hpp"

namespace kerbgate::rotate {
namespace {

constexpr std::size_t kFew = 8;

const keytab::Entry* key_of(std::span<const keytab::Entry> entries, const Principal& principal, std::uint32_t kvno,
                            std::int32_t enctype) {
  const auto found = std::ranges::find_if(entries, [&](const keytab::Entry& entry) {
    return entry.kvno == kvno && entry.enctype == enctype && entry.principal == principal;
  });
  return found == entries.end() ? nullptr : &*found;
}

/// Collects one keytab after another.
class Comparison {
 public:
  Comparison(std::span<const HostKeytab> keytabs, const Principal& principal, std::uint32_t kvno)
      : keytabs_(keytabs), principal_(principal), kvno_(kvno) {}

  Spread run() {
    for (std::size_t i = 0; i < keytabs_.size(); ++i) take(i);
    for (const std::size_t i : out_.holding) look_for_gaps(i);
    return std::move(out_);
  }

 private:
  void take(std::size_t index) {
    bool any = false;
    for (const keytab::Entry& entry : keytabs_[index].entries) {
      if (entry.kvno != kvno_ || !(entry.principal == principal_)) continue;
      any = true;
      compare(index, entry);
    }
    (any ? out_.holding : out_.lacking).push_back(index);
  }

  void compare(std::size_t index, const keytab::Entry& entry) {
    const keytab::Entry* known = key_of(out_.keys, principal_, kvno_, entry.enctype);
    if (known == nullptr) {
      out_.keys.push_back(entry.copy());
      owners_.push_back(index);
      return;
    }
    if (known->key == entry.key) return;
    const std::size_t owner = owners_[static_cast<std::size_t>(known - out_.keys.data())];
    const std::string kind = keytab::enctype_name(entry.enctype) + " key";
    out_.differences.push_back(owner == index
                                   ? keytabs_[index].place + " has two " + kind + "s"
                                   : keytabs_[index].place + " has another " + kind + " than " + keytabs_[owner].place);
  }

  void look_for_gaps(std::size_t index) {
    for (const keytab::Entry& key : out_.keys) {
      if (key_of(keytabs_[index].entries, principal_, kvno_, key.enctype) != nullptr) continue;
      out_.differences.push_back(keytabs_[index].place + " has no " + keytab::enctype_name(key.enctype) + " key");
    }
  }

  std::span<const HostKeytab> keytabs_;
  const Principal& principal_;
  std::uint32_t kvno_;
  Spread out_;
  std::vector<std::size_t> owners_;  ///< of out_.keys
};

}  // namespace

std::vector<std::uint32_t> kvnos(const HostKeytab& keytab, const Principal& principal) {
  std::vector<std::uint32_t> out;
  for (const keytab::Entry& entry : keytab.entries) {
    if (entry.principal == principal) out.push_back(entry.kvno);
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool holds(const HostKeytab& keytab, const Principal& principal) {
  return std::ranges::any_of(keytab.entries, [&](const auto& entry) { return entry.principal == principal; });
}

Spread spread(std::span<const HostKeytab> keytabs, const Principal& principal, std::uint32_t kvno) {
  return Comparison(keytabs, principal, kvno).run();
}

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  const std::size_t shown = words.size() > kFew ? kFew : words.size();
  for (std::size_t i = 0; i < shown; ++i) out += (i > 0 ? ", " : "") + printable(words[i]);
  if (shown < words.size()) out += " and " + std::to_string(words.size() - shown) + " more";
  return out;
}

std::string listed(std::span<const HostKeytab> keytabs, std::span<const std::size_t> which) {
  std::vector<std::string> words;
  for (const std::size_t index : which) words.push_back(keytabs[index].place);
  return listed(words);
}

}  // namespace kerbgate::rotate
