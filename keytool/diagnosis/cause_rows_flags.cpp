#include "diagnosis/cause_rows.hpp"

namespace kerbgate::diagnosis {
namespace {

constexpr CauseRow kFlags[]{
    {Cause::principal_flag_missing, "principal-flag-missing", "the flags hold no principal",
     "Without --principal the daemon does not use Kerberos at all: clients with tickets fail, others walk in.",
     "add to {flagfile}: --principal={wanted}"},
    {Cause::be_principal_without_principal, "be-principal-without-principal",
     "be_principal is set and principal is not",
     "The daemon does not start: 'A back end principal (--be_principal) was supplied without also supplying a regular "
     "principal (--principal)'.",
     "add to {flagfile}: --principal={wanted}"},
    {Cause::coordinator_without_be_principal, "coordinator-without-be-principal",
     "the coordinator has the proxy's principal and no be_principal",
     "It then logs in as the proxy towards the other daemons, HDFS and the metastore too: the statestore cannot call "
     "it back, and it is missing in the cluster.",
     "add to {flagfile}: --be_principal={wanted}"},
    {Cause::statestored_with_proxy_principal, "statestored-with-proxy-principal",
     "a daemon without clients has the proxy's principal",
     "Other daemons ask for service/its host, which it does not answer as: 'Request ticket server found in keytab but "
     "does not match server principal'. Only coordinators are clients' servers.",
     "take be_principal out of {flagfile} and give the {role} its own principal there: --principal={wanted}"},
    {Cause::keytab_flag_missing, "keytab-flag-missing", "the flags hold no keytab_file",
     "The daemon does not start: '--keytab_file must be configured if kerberos is enabled'.",
     "add to {flagfile}: --keytab_file={wanted}"},
    {Cause::principal_flag_malformed, "principal-flag-malformed", "the value is not service/host@REALM",
     "The daemon does not start: 'principal should include service name, hostname and realm'.",
     "write in line {line} of {flagfile}: --{flag}={wanted}"},
    {Cause::flag_value_differs, "flag-value-differs", "the flag's value is not what this cluster needs",
     "Tickets are asked for by one name and accepted by another.",
     "write in line {line} of {flagfile}: --{flag}={wanted}"},
    {Cause::hostname_flag_differs, "hostname-flag-differs", "--hostname is not the host of the internal principal",
     "Other daemons ask for service/--hostname: they get no ticket, or one that this daemon refuses.",
     "write in line {line} of {flagfile}: --hostname={wanted}"},
    {Cause::host_token_short, "host-token-short", "_HOST becomes another name than the principal's host",
     "The daemon puts there what gethostname() gives, as it stands: a short name or capitals make a principal that is "
     "not in the keytab, 'No key table entry found matching service/short@'.",
     "write the name out in line {line} of {flagfile}: --{flag}={wanted}"},
    {Cause::host_token_unknown, "host-token-unknown", "_HOST is what the host's own hostname command prints",
     "Only the host itself knows it. A short name or capitals there break every login.",
     "run this on {host}, or give --hostname-output \"$(ssh {host} hostname)\", or write the name out in line {line} "
     "of {flagfile}: --{flag}={wanted}"},
    {Cause::kerberos_switched_off, "kerberos-switched-off", "a flag switches Kerberos off for some connections",
     "The flag must be the same on every daemon, and what it switches off is then open to anyone.",
     "remove line {line} of {flagfile} on every daemon: --{flag}"},
    {Cause::flag_removed, "flag-removed", "the flag has been removed from Impala",
     "It is accepted and ignored with a warning since Impala 3.0: the ticket is renewed without it.",
     "remove line {line} of {flagfile}: --{flag}"},
    {Cause::tls_flags_incomplete, "tls-flags-incomplete", "one of the two TLS flags is missing",
     "The daemon does not start: certificate and private key belong together.", "add to {flagfile}: --{flag}=PATH"},
};

constexpr CauseRow kFlagfiles[]{
    {Cause::flagfile_unreadable, "flagfile-unreadable", "the flagfile cannot be read",
     "The daemon does not start without it.", "name the right file with --flagfile, or correct it: ls -lL {flagfile}"},
    {Cause::flagfile_crlf, "flagfile-crlf", "the flagfile has line ends of Windows (CR LF)",
     "gflags ends lines at a CR as long as one follows anywhere in the file: every line before it becomes part of one "
     "flag's value, and those flags are not set. The file looks right in an editor.",
     "sed -i 's/\\r$//' {flagfile}"},
    {Cause::flagfile_trailing_blank, "flagfile-trailing-blank", "the flag's value begins or ends in a blank",
     "gflags trims nothing: the blank is part of the realm or the path. The daemon says 'Cannot find KDC for realm' or "
     "'The file does not exist'.",
     "write in line {line} of {flagfile}: --{flag}={wanted}; blanks at the ends of all lines go with: sed -i "
     "'s/[[:blank:]]*$//' {flagfile}"},
    {Cause::flagfile_quotes, "flagfile-quotes", "the flag's value is in quotes",
     "A flagfile is not a shell's: the quotes are part of the value.",
     "write in line {line} of {flagfile}: --{flag}={wanted}"},
    {Cause::flagfile_without_equals, "flagfile-without-equals", "the flag and its value are not joined by '='",
     "In a flagfile '--flag value' is ignored in silence; on a command line it works.",
     "write in line {line} of {flagfile}: --{flag}={wanted}"},
    {Cause::flagfile_unknown_flag, "flagfile-unknown-flag", "the flag's name is misspelt",
     "A flagfile's unknown flags are ignored in silence; on a command line they are an error.",
     "write in line {line} of {flagfile}: --{flag}={wanted}"},
    {Cause::flagfile_program_line, "flagfile-program-line", "flags follow a line that does not begin with '-' or '#'",
     "gflags takes such a line as a list of program names, and ignores the flags after it in every other program. A "
     "wrapped line or a forgotten dash is enough.",
     "begin line {line} of {flagfile} with '#', or remove it"},
    {Cause::flagfile_repeated, "flagfile-repeated", "the flag stands there more than once with different values",
     "The last one counts, and it may have been added by hand or by Cloudera Manager's safety valve.",
     "keep one: sed -n '/{flag}/=' {flagfile}"},
    {Cause::flagfile_nested, "flagfile-nested", "the flagfile names another one, which has not been looked at",
     "Its flags count as if they stood there, and may set others than this file does.",
     "check that one too: keytool verify {keytab} --proxy {proxy} --host {host} --flagfile {found}"},
    {Cause::flagfile_nul, "flagfile-nul", "the flagfile holds a NUL byte",
     "gflags takes it for the end of the file: what follows is not read. The file may be UTF-16.",
     "if it is UTF-16 make it UTF-8 (iconv -f UTF-16 -t UTF-8 {flagfile} > NEW), else leave the byte out: tr -d "
     "'\\000' < {flagfile} > NEW"},
};

}  // namespace

std::span<const CauseRow> flag_causes() { return kFlags; }
std::span<const CauseRow> flagfile_causes() { return kFlagfiles; }

}  // namespace kerbgate::diagnosis
