#include "keytab/agreement.hpp"

#include <algorithm>

#include "counted.hpp"

namespace kerbgate::keytab {

Agreement::Agreement(const Scan& scan) : scan_(scan), expected_(scan.entries.size()), whole_(true) {
  for (const Damage& damage : scan.damage) {
    if (!damage.fatal) continue;
    const auto before = [&damage](const Entry& entry) { return entry.offset < damage.offset; };
    const auto end = std::ranges::partition_point(scan.entries, before);
    expected_ = std::min(expected_, static_cast<std::size_t>(end - scan.entries.begin()));
    whole_ = false;
  }
}

bool Agreement::take(const LibraryEntry& theirs) {
  if (taken_ == expected_) {
    if (whole_) ++extra_;
    return whole_;
  }
  const Entry& ours = scan_.entries[taken_++];
  if (const std::string reason = difference(ours, theirs, scan_.version); !reason.empty()) {
    found_.push_back({ours.offset, "read differently by libkrb5: " + reason, 0, false});
  }
  return true;
}

std::vector<Damage> Agreement::finish(const std::optional<Error>& failure) {
  if (taken_ < expected_) {
    const std::string why = failure ? failure->what : "libkrb5's list ends";
    found_.push_back({scan_.entries[taken_].offset,
                      why + " before this entry: a service will not find it and " +
                          counted(expected_ - taken_ - 1, "entry", "entries") + " after it",
                      0, true});
  } else if (failure && whole_) {
    found_.push_back({scan_.size, failure->what, 0, true});
  }
  if (extra_ > 0) {
    found_.push_back({scan_.size, "libkrb5 reads " + counted(extra_, "entry", "entries") + " more", 0, true});
  }
  return std::move(found_);
}

}  // namespace kerbgate::keytab
