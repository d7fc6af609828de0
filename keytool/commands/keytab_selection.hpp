#pragma once

#include "commands/command.hpp"
#include "kerbgate/keytab.hpp"

namespace kerbgate::commands {

/// Which entries `--principal`, `--enctype` and `--kvno` ask for. An option given twice means either value; two options
/// mean both.
class Selection {
 public:
  static void add_options(po::options_description& options);
  static Result<Selection> from(const Values& values);

  /// True when no option was given: everything matches.
  [[nodiscard]] bool empty() const { return principals_.empty() && enctypes_.empty() && kvnos_.empty(); }
  [[nodiscard]] bool matches(const keytab::Entry& entry) const;

 private:
  std::vector<std::string> principals_;
  std::vector<std::int32_t> enctypes_;
  std::vector<std::uint32_t> kvnos_;
};

/// glob(7) on the principal as it is printed; `*` takes slashes too. Without an `@` in it the pattern is for the name
/// and any realm will do. A backslash stands for itself, so that a printed principal matches itself.
bool principal_matches(const std::string& pattern, const Principal& principal);

}  // namespace kerbgate::commands
