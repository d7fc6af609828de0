#include "settings/flags_format.hpp"

#include <algorithm>
#include <array>

#include "kerbgate/nearest.hpp"
#include "kerbgate/quoted.hpp"

namespace kerbgate {
namespace {

constexpr std::array<std::pair<std::string_view, FlagsFormat>, 8> kFormats{{
    {"flags", FlagsFormat::flags},
    {"flagfile", FlagsFormat::flagfile},
    {"shell", FlagsFormat::shell},
    {"env", FlagsFormat::env},
    {"json", FlagsFormat::json},
    {"cloudera-manager", FlagsFormat::cloudera_manager},
    {"helm", FlagsFormat::helm},
    {"hive-site", FlagsFormat::hive_site},
}};

std::string_view name_of(FlagsFormat format) {
  return std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& row) { return row.second == format; })->first;
}

Error cannot(const DaemonFlags& daemon, FlagsFormat format, const std::string& why) {
  return {Errc::invalid, std::string(role_name(daemon.role)) + " on " + daemon.host + ": --format " +
                             std::string(name_of(format)) + " " + why};
}

/// Nothing that a shell, systemd or a word splitter would change.
bool is_word(std::string_view value) {
  constexpr std::string_view kSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_+=:,./-";
  return value.find_first_not_of(kSafe) == std::string_view::npos;
}

/// Single-dash flags with `separator` between them.
std::string joined(const DaemonFlags& daemon, const std::string& separator) {
  std::string text;
  for (const auto& [name, value] : daemon.flags) text += (text.empty() ? "-" : separator + "-") + name + "=" + value;
  return text;
}

Result<std::string> as_words(const DaemonFlags& daemon, FlagsFormat format, const std::string& separator) {
  for (const auto& [name, value] : daemon.flags) {
    if (!is_word(value)) {
      return cannot(daemon, format,
                    "cannot hold " + name + " '" + value +
                        "': a blank, a quote or another character that a shell changes; use --format "
                        "flagfile, or another value");
    }
  }
  return joined(daemon, separator);
}

Result<std::string> flagfile(const DaemonFlags& daemon, FlagsFormat format) {
  for (const auto& [name, value] : daemon.flags) {
    if (value.ends_with(' ')) return cannot(daemon, format, "cannot hold " + name + ": it ends in a blank");
  }
  return joined(daemon, "\n") + "\n";
}

/// The variable of /etc/default/impala; empty: none.
std::string variable(Role role) {
  switch (role) {
    case Role::coordinator:
    case Role::executor:
      return "IMPALA_SERVER_ARGS";
    case Role::statestored:
      return "IMPALA_STATE_STORE_ARGS";
    case Role::catalogd:
      return "IMPALA_CATALOG_ARGS";
    case Role::admissiond:
      return "";
  }
  return "";
}

Result<std::string> variable_line(const DaemonFlags& daemon, FlagsFormat format) {
  const std::string name = variable(daemon.role);
  if (name.empty()) return cannot(daemon, format, "has no variable for admissiond; use --format flagfile");
  const bool shell = format == FlagsFormat::shell;
  const auto words = as_words(daemon, format, shell ? " \\\n    " : " ");
  if (!words) return words;
  if (!shell) return name + "=" + *words + "\n";
  return name + "=\"${" + name + ":-} \\\n    " + *words + "\"\n";
}

Result<std::string> cloudera_manager(const DaemonFlags& daemon, const FormatExtras& extras) {
  const auto lines = flagfile(daemon, FlagsFormat::cloudera_manager);
  if (!lines) return lines;
  std::string text;
  if (daemon.role == Role::coordinator) {
    text +=
        "# Impala > Configuration > Impala Daemons Load Balancer. Enough where Cloudera Manager makes the keytabs: it\n"
        "# adds the proxy's principal to them and sets principal and be_principal itself.\n"
        "impalad_load_balancer=" +
        extras.proxy + "\n";
  }
  return text + "# Only where the keytabs are made elsewhere: " + std::string(daemon_name(daemon.role)) +
         " Command Line Argument Advanced Configuration\n# Snippet (Safety Valve) of the role instance on " +
         daemon.host + ":\n" + *lines;
}

std::string helm(const DaemonFlags& daemon, const FormatExtras& extras) {
  std::string text =
      "# The chart gives this principal and bePrincipal to impalad, catalogd and statestored alike (IMPALA-15017), "
      "and\n"
      "# bePrincipal holds one host: these values are right for the pods of one host name, so install the others "
      "apart.\n"
      "# The Secret holds the merged keytab, the ConfigMap krb5.conf.\n"
      "security:\n  kerberos:\n";
  const auto line = [&](const char* key, const std::string& value) {
    if (!value.empty()) text += "    " + std::string(key) + ": \"" + value + "\"\n";
  };
  line("principal", daemon.value("principal"));
  line("bePrincipal", daemon.value("be_principal"));
  line("keytabSecretName", extras.keytab_secret);
  line("krb5ConfigMapName", extras.krb5_configmap);
  return text;
}

std::string xml_escaped(const std::string& value) {
  std::string out;
  for (const char c : value) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Result<std::string> hive_site(const DaemonFlags& daemon) {
  if (daemon.role != Role::coordinator) {
    return cannot(daemon, FlagsFormat::hive_site, "is for HiveServer2 behind the proxy, which is --role coordinator");
  }
  const std::pair<const char*, std::string> properties[] = {
      {"hive.server2.authentication", "KERBEROS"},
      {"hive.server2.authentication.kerberos.principal", daemon.value("principal")},
      {"hive.server2.authentication.kerberos.keytab", daemon.value("keytab_file")},
  };
  std::string text;
  for (const auto& [name, value] : properties) {
    text += "<property>\n  <name>" + std::string(name) + "</name>\n  <value>" + xml_escaped(value) +
            "</value>\n</property>\n";
  }
  return text;
}

}  // namespace

std::vector<std::string_view> flags_format_names() {
  std::vector<std::string_view> names;
  for (const auto& row : kFormats) names.push_back(row.first);
  return names;
}

Result<FlagsFormat> parse_flags_format(std::string_view text) {
  for (const auto& [name, format] : kFormats) {
    if (name == text) return format;
  }
  const auto names = flags_format_names();
  std::string all;
  for (const auto name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  const std::string hint = did_you_mean(text, names);
  return Error(Errc::invalid, "unknown format " + quoted(text) + (hint.empty() ? ": it is one of " + all : hint));
}

Result<std::string> render(const DaemonFlags& daemon, FlagsFormat format, const FormatExtras& extras) {
  switch (format) {
    case FlagsFormat::flags: {
      auto line = as_words(daemon, format, " ");
      return line ? Result<std::string>(*line + "\n") : line;
    }
    case FlagsFormat::flagfile:
      return flagfile(daemon, format);
    case FlagsFormat::shell:
    case FlagsFormat::env:
      return variable_line(daemon, format);
    case FlagsFormat::cloudera_manager:
      return cloudera_manager(daemon, extras);
    case FlagsFormat::helm:
      return helm(daemon, extras);
    case FlagsFormat::hive_site:
      return hive_site(daemon);
    case FlagsFormat::json:
      break;
  }
  return cannot(daemon, format, "is not text");
}

std::string flagfile_name(Role role) { return std::string(daemon_name(role)) + "_flags"; }

std::string heading(const DaemonFlags& daemon, FlagsFormat format) {
  const std::string text = daemon.host + ": " + std::string(role_name(daemon.role));
  return format == FlagsFormat::hive_site ? "<!-- " + text + " -->\n" : "# " + text + "\n";
}

}  // namespace kerbgate
