#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kerbgate/daemon_flags.hpp"

namespace kerbgate {

enum class FlagsFormat { flags, flagfile, shell, env, json, cloudera_manager, helm, hive_site };

std::vector<std::string_view> flags_format_names();
Result<FlagsFormat> parse_flags_format(std::string_view text);

/// What some formats say besides the flags.
struct FormatExtras {
  std::string proxy;           ///< FQDN:PORT, for cloudera_manager
  std::string keytab_secret;   ///< helm
  std::string krb5_configmap;  ///< helm
};

/// One daemon's flags, lines that end in LF. Errc::invalid when a value cannot be written safely in that format (blanks
/// and quotes where a shell or a word splitter reads it), or when the format has no place for that daemon. Not for
/// json.
///  flags             one line of a command line
///  flagfile          gflags' own file; a single dash, which Hue's reader needs
///  shell             lines for the end of /etc/default/impala
///  env               systemd's EnvironmentFile=, docker's --env-file: no quotes, nothing is expanded
///  cloudera_manager  the load balancer setting of a coordinator and the safety valve
///  helm              values for the chart's security.kerberos
///  hive_site         HiveServer2's properties; the coordinator's role stands for HiveServer2 behind the proxy
Result<std::string> render(const DaemonFlags& daemon, FlagsFormat format, const FormatExtras& extras);

/// The file in a host's directory that holds a daemon's flags: "impalad_flags".
std::string flagfile_name(Role role);

/// A comment line that names the daemon, in the comment form of the format.
std::string heading(const DaemonFlags& daemon, FlagsFormat format);

}  // namespace kerbgate
