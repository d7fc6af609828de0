#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "commands/command.hpp"
#include "kerbgate/inventory.hpp"
#include "plan/host.hpp"

namespace kerbgate::commands {

/// Signals that end a program wait while this lives, in every thread that begins meanwhile: a host is planned in whole
/// or not at all, and no temporary file with keys stays. They are delivered at its end.
class InterruptsHeld {
 public:
  InterruptsHeld();
  InterruptsHeld(const InterruptsHeld&) = delete;
  InterruptsHeld& operator=(const InterruptsHeld&) = delete;
  ~InterruptsHeld();
  /// One is waiting.
  [[nodiscard]] static bool pending();

 private:
  sigset_t before_{};
};

/// Plans every host on `jobs` threads; a bar on standard error where that is a terminal. Stops before the next host
/// when an interrupt is pending: shorter than the inventory then, in its order.
std::vector<plan::HostPlan> plan_hosts(const plan::Shared& shared, const std::vector<InventoryHost>& hosts,
                                       std::size_t jobs, Environment& environment);

/// What came of it all, for the report.
struct PlanReport {
  const plan::Shared& shared;
  const std::vector<plan::HostPlan>& hosts;
  std::size_t all = 0;                      ///< hosts of the inventory
  bool needs_proxy = false;                 ///< there is a coordinator
  std::vector<std::string> proxy_left_out;  ///< keys of the proxy's files that are not the proxy's
  std::vector<std::string> left_over;       ///< hosts of an earlier plan
};

/// A line a host and a sum, on standard output.
void print_plan(const PlanReport& report, std::ostream& out);
void print_plan_json(const PlanReport& report, std::ostream& out);

}  // namespace kerbgate::commands
