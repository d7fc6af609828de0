#include "diagnosis/cause_rows.hpp"

namespace kerbgate::diagnosis {
namespace {

constexpr CauseRow kKeys[]{
    {Cause::proxy_key_not_merged, "proxy-key-not-merged", "the coordinator's keytab lacks the proxy's principal",
     "Clients hold a ticket for the proxy's name and the coordinator has no key for it: it closes the connection, and "
     "impala-shell prints 'TSocket read 0 bytes'. The daemon starts all the same, since it only logs in as its host.",
     "export {proxy-principal} at the KDC without changing its key (kadmin.local -q 'ktadd -norandkey -k proxy.keytab "
     "{proxy-principal}'), then: keytool merge {keytab} proxy.keytab -o {keytab}"},
    {Cause::own_key_missing, "own-key-missing", "the keytab lacks the principal of the daemon's own host",
     "The daemon logs in as this principal when it starts, and stops: 'unable to kinit: unable to login from keytab'.",
     "export {principal} at the KDC without changing its key (kadmin.local -q 'ktadd -norandkey -k host.keytab "
     "{principal}'), then: keytool merge {keytab} host.keytab -o {keytab}"},
    {Cause::kvno_older, "kvno-older", "the keytab's newest key version is older than the KDC's",
     "The key was changed at the KDC after this file was made. New tickets are refused ('TSocket read 0 bytes'; at the "
     "coordinator 'kvno N not found in keytab; keytab is likely out of date'), older ones work until they expire.",
     "export {principal} at the KDC without changing its key again (kadmin.local -q 'ktadd -norandkey -k new.keytab "
     "{principal}'), then: keytool merge {keytab} new.keytab -o {keytab}"},
    {Cause::kvno_newer, "kvno-newer", "the keytab's newest key version is newer than the KDC's",
     "The KDC was restored from a backup, a replica lags behind, the keytab is of another realm, or a staged rotation "
     "is not committed yet. A daemon that logs in with that key gets 'Preauthentication failed'.",
     "during a rotation finish it with keytool rotate; otherwise wait for the replica, or export the KDC's key again "
     "(kadmin.local -q 'ktadd -norandkey -k new.keytab {principal}') and leave the other out: keytool write {keytab} "
     "--principal {principal} --remove -o {keytab}, then: keytool merge {keytab} new.keytab -o {keytab}"},
    {Cause::key_differs, "key-differs", "same key version, other key than the KDC's",
     "The principal was deleted and made again, or its keytab was made from a password with another salt. The "
     "coordinator logs 'found in keytab but cannot decrypt ticket', the client sees 'TSocket read 0 bytes'.",
     "export {principal} at the KDC without changing its key (kadmin.local -q 'ktadd -norandkey -k new.keytab "
     "{principal}'), then: keytool merge new.keytab {keytab} --prefer first -o {keytab}"},
    {Cause::key_conflict, "key-conflict", "the keytab holds two different keys for one principal, kvno and enctype",
     "libkrb5 uses the first and never tries the second, so that logins fail or work by the order of the file.",
     "find out which of the two the KDC has, then: keytool merge RIGHT.keytab {keytab} --prefer first -o {keytab}"},
    {Cause::enctype_missing, "enctype-missing", "the keytab lacks the enctype that the KDC encrypts tickets with",
     "The coordinator logs 'found in keytab but not with enctype X', the client sees 'TSocket read 0 bytes'.",
     "export all enctypes of {principal} (kadmin.local -q 'ktadd -norandkey -k new.keytab {principal}'), then: keytool "
     "merge {keytab} new.keytab -o {keytab}"},
    {Cause::enctype_weak, "enctype-weak", "the principal has keys of weak enctypes only",
     "DES, 3DES and RC4 are off by default in MIT krb5 and in Java, and going away. Logins work until the next "
     "upgrade.",
     "give the principal AES keys at the KDC (kadmin.local -q 'cpw -randkey -keepold -e "
     "aes256-cts:normal,aes128-cts:normal {principal}'), export it (kadmin.local -q 'ktadd -norandkey -k new.keytab "
     "{principal}'), then on every host that has the principal: keytool merge {keytab} new.keytab -o {keytab}"},
    {Cause::principal_host_misspelt, "principal-host-misspelt", "the keytab holds a principal whose host is misspelt",
     "Nobody asks for a ticket of that name, and what is asked for has no key here: 'TSocket read 0 bytes'.",
     "create {principal} at the KDC, if it is not there (kadmin.local -q 'addprinc -randkey {principal}') and export "
     "it without changing its key (kadmin.local -q 'ktadd -norandkey -k right.keytab {principal}'), then: keytool "
     "merge {keytab} right.keytab -o {keytab}"},
    {Cause::principal_host_upper_case, "principal-host-upper-case", "the principal's host has capital letters",
     "Kerberos clients fold a host's name to lower case before they ask for a ticket, and principals compare by case, "
     "so that this key is never used. Active Directory hides the fault, since it does not look at case.",
     "create the principal in lower case at the KDC, if it is not there (kadmin.local -q 'addprinc -randkey "
     "{principal}') and export it without changing its key (kadmin.local -q 'ktadd -norandkey -k right.keytab "
     "{principal}'), then: keytool merge {keytab} right.keytab -o {keytab}"},
    {Cause::principal_host_short, "principal-host-short", "the principal's host is a short name",
     "Kerberos clients ask for the fully qualified name, so that this key is never used.",
     "create the principal with the full name at the KDC, if it is not there (kadmin.local -q 'addprinc -randkey "
     "{principal}') and export it without changing its key (kadmin.local -q 'ktadd -norandkey -k right.keytab "
     "{principal}'), then: keytool merge {keytab} right.keytab -o {keytab}"},
    {Cause::principal_realm_differs, "principal-realm-differs", "the keytab holds the principal of another realm",
     "The file comes from another KDC, or the realm is misspelt: case counts. A login as it asks the wrong KDC.",
     "if {found} is right, give --realm that realm; otherwise export {principal} at its own KDC (kadmin.local -q "
     "'ktadd -norandkey -k right.keytab {principal}'), then: keytool merge {keytab} right.keytab -o {keytab}"},
    {Cause::principal_service_differs, "principal-service-differs",
     "the keytab holds the host under another service's name",
     "The first part of the principal is the service's name: clients of impala/host do not use the key of HTTP/host.",
     "if the cluster's service is that of {found}, give --service; otherwise export {principal} at the KDC "
     "(kadmin.local -q 'ktadd -norandkey -k right.keytab {principal}'), then: keytool merge {keytab} right.keytab -o "
     "{keytab}"},
    {Cause::key_from_the_future, "key-from-the-future", "the keytab's newest entry is of a later time than now",
     "This host's clock is behind that of the host which made the keytab; Kerberos allows five minutes.",
     "set the clock of the host (chronyc makestep), then measure it against the KDC: keytool doctor --proxy {proxy} "
     "--host {host}"},
};

constexpr CauseRow kKeytabs[]{
    {Cause::keytab_missing, "keytab-missing", "there is no file at the keytab's path",
     "The daemon does not start: 'Bad --keytab_file value: The file does not exist'.",
     "put the keytab there, owned by the daemon's user: install -o {user} -m 0400 FILE.keytab {keytab}"},
    {Cause::keytab_unreadable, "keytab-unreadable", "the daemon's user may not read the keytab",
     "The file may be right for root, but the daemon does not run as root: 'Key table file not found' or 'Permission "
     "denied' at its start, or at the first client's login.",
     "chown {user} {keytab}; chmod 0400 {keytab}"},
    {Cause::keytab_directory_closed, "keytab-directory-closed",
     "the daemon's user may not pass a directory above the keytab",
     "The file's own mode and owner are right and do not help: 'Permission denied' or 'Key table file not found'.",
     "let everybody (or the user's group) pass it, without a right to list it: chmod o+x {directory}"},
    {Cause::keytab_truncated, "keytab-truncated", "the keytab is cut off",
     "A copy broke off or a disk was full. libkrb5 reads what is whole and says nothing of the rest, so that a "
     "principal "
     "is missing while klist shows a good file.",
     "copy the file again from where it is whole; to see what is left: keytool read {keytab}"},
    {Cause::keytab_damaged, "keytab-damaged", "a record of the keytab cannot be trusted",
     "libkrb5 skips damaged records or stops at them in silence; some tools bring them back with wrong keys.",
     "copy the file again from where it is whole; to see the damage by offset: keytool read {keytab}"},
    {Cause::not_a_keytab, "not-a-keytab", "the file is not a keytab",
     "A keytab begins with the bytes 05 02. The daemon says 'Unsupported key table format version number'.",
     "name the right file, or export the principals again at the KDC; to see what a file holds: keytool read {keytab}"},
    {Cause::keytab_not_a_file, "keytab-not-a-file", "the keytab's path is not a regular file",
     "impalad refuses to start: 'Bad --keytab_file value: The file is not a regular file'.",
     "put a regular file (or a symbolic link to one) there: install -o {user} -m 0400 FILE.keytab {keytab}"},
    {Cause::keytab_path_relative, "keytab-path-relative", "the flag gives a path that is not absolute",
     "It is looked for in the daemon's working directory, which is not yours.",
     "write the whole path in line {line} of {flagfile}: --{flag}={wanted}"},
    {Cause::keytab_path_differs, "keytab-path-differs", "the flag names another keytab than the one that was checked",
     "The daemon reads its flag's file, whatever the other one holds.",
     "check that file: keytool verify {found}, or correct line {line} of {flagfile}: --keytab_file={wanted}"},
    {Cause::keytab_mode_unsafe, "keytab-mode-unsafe", "others than the daemon's user may read or change the keytab",
     "Whoever reads it can log in as the service and decrypt its tickets.", "chmod {mode} {keytab}"},
    {Cause::keytab_owner_wrong, "keytab-owner-wrong", "the keytab belongs to another user than the daemon's",
     "The owner can read and replace the keys, whatever the mode.", "chown {user} {keytab}"},
    {Cause::user_unknown, "user-unknown", "the daemon's user does not exist on this host",
     "Who may read the keytab cannot be said of a user that is not there.",
     "name the user that the daemon runs as with --user, or run this on the daemon's host: ps -o user= -C impalad"},
    {Cause::var_tmp_mode, "var-tmp-mode", "/var/tmp has not the mode that impalad wants",
     "With Kerberos the daemon refuses to start: 'The permissions on /var/tmp must precisely match drwxrwxrwt', since "
     "libkrb5 keeps its replay cache there.",
     "chmod 1777 {path}"},
};

}  // namespace

std::span<const CauseRow> key_causes() { return kKeys; }
std::span<const CauseRow> keytab_causes() { return kKeytabs; }

}  // namespace kerbgate::diagnosis
