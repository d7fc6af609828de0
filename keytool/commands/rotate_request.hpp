#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "commands/command.hpp"
#include "kadm5/admin.hpp"
#include "rotate/holders.hpp"

/// What `keytool rotate` was asked for: the same options for all four steps.
namespace kerbgate::commands {

struct RotateRequest {
  Principal principal;
  std::optional<kadm5::Access> access;
  std::vector<rotate::HostKeytab> keytabs;  ///< those that hold the principal
  std::size_t others = 0;                   ///< keytabs read that do not
  std::vector<std::int32_t> enctypes;
  std::optional<std::chrono::seconds> ticket_life;
  bool now = false, dry_run = false, json = false;
};

po::options_description rotate_options();
Result<RotateRequest> rotate_request(const Values& values);

Result<Exit> rotate_stage(RotateRequest& request, Environment& environment);
Result<Exit> rotate_commit(RotateRequest& request, Environment& environment);
Result<Exit> rotate_purge(RotateRequest& request, Environment& environment);
Result<Exit> rotate_status(RotateRequest& request, Environment& environment);

}  // namespace kerbgate::commands
