#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kerbgate/check_result.hpp"

/// Why a Kerberized Impala cluster behind a proxy does not work: one table for `keytool verify`, `keytool doctor` and
/// docs/troubleshooting.md, which has a section for each row.
namespace kerbgate::diagnosis {

/// In the order of the table. A row only gets added.
enum class Cause {
  // keys
  proxy_key_not_merged,
  own_key_missing,
  kvno_older,
  kvno_newer,
  key_differs,
  key_conflict,
  enctype_missing,
  enctype_weak,
  principal_host_misspelt,
  principal_host_upper_case,
  principal_host_short,
  principal_realm_differs,
  principal_service_differs,
  key_from_the_future,
  // the file that holds them
  keytab_missing,
  keytab_unreadable,
  keytab_directory_closed,
  keytab_truncated,
  keytab_damaged,
  not_a_keytab,
  keytab_not_a_file,
  keytab_path_relative,
  keytab_path_differs,
  keytab_mode_unsafe,
  keytab_owner_wrong,
  user_unknown,
  var_tmp_mode,
  // the daemon's flags
  principal_flag_missing,
  be_principal_without_principal,
  coordinator_without_be_principal,
  statestored_with_proxy_principal,
  keytab_flag_missing,
  principal_flag_malformed,
  flag_value_differs,
  hostname_flag_differs,
  host_token_short,
  host_token_unknown,
  kerberos_switched_off,
  flag_removed,
  tls_flags_incomplete,
  // the flagfile as gflags reads it
  flagfile_unreadable,
  flagfile_crlf,
  flagfile_trailing_blank,
  flagfile_quotes,
  flagfile_without_equals,
  flagfile_unknown_flag,
  flagfile_program_line,
  flagfile_repeated,
  flagfile_nested,
  flagfile_nul,
  // names
  fqdn_is_an_address,
  fqdn_is_short,
  fqdn_is_a_cname,
  name_upper_case,
  name_malformed,
  name_not_found,
  name_too_long,
  proxy_is_a_coordinator,
  ptr_missing,
  ptr_other_name,
  ptr_is_a_coordinator,
  dns_no_answer,
  // the KDC and the clock
  clock_skew,
  kdc_down,
  realm_unknown,
  service_principal_unknown,
  // connections
  port_closed,
  login_refused,
  direct_connection_without_b,
  certificate_without_proxy_name,
  certificate_expired,
  tls_not_spoken,
  login_stalled,
  port_speaks_otherwise,
  login_key_refused,
  certificate_without_host_name,
  certificate_not_trusted,
  service_threads_busy,
};

struct CauseRow {
  Cause cause;
  std::string_view id;       ///< stable, for machines: "proxy-key-not-merged"
  std::string_view title;    ///< one line, no full stop
  std::string_view meaning;  ///< what the user sees, and why it fails
  /// What to do, ending in a command where there is one. `{place}` stands for what the caller knows; the places are
  /// those of place_names().
  std::string_view remedy;
};

/// The whole table, in order.
std::span<const CauseRow> causes();
const CauseRow& row_of(Cause cause);
/// nullptr when no row has it.
const CauseRow* find_cause(std::string_view id);

/// Every place that a remedy may have.
std::span<const std::string_view> place_names();

using Places = std::vector<std::pair<std::string_view, std::string>>;

/// The row's remedy with the places filled. One that is not given is its name in capitals, as in a synopsis.
std::string remedy(Cause cause, const Places& places);

CheckResult passed(std::string subject, std::string check, std::string found);
CheckResult skipped(std::string subject, std::string check, std::string why);
/// A fail or a warn, with the cause's id and remedy.
CheckResult problem(Verdict verdict, std::string subject, std::string check, std::string found, Cause cause,
                    const Places& places);

}  // namespace kerbgate::diagnosis
