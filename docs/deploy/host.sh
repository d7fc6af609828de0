#!/bin/sh
# host.sh ACTION NAME=VALUE... [FLAGFILE...]: what kerbgate's fleet does on a host. It comes over ssh each time and leaves
# nothing of its own. Any POSIX shell (dash, busybox) with mktemp, sha256sum, stat, tar; no python. The first line on
# standard error is the reason of a failure.
#   push      the files that lie in from=FOLDER take their places, all or none; what was there is kept as .prev
#   look      content, mode and owner of each file
#   verify    the same, and what an installed keytool says of the keytab
#   rollback  each file and its .prev change places
#   lock      a file beside the keytab says that the run by=WHO has this host, or `held` that another one has
#   unlock    it goes, if it is that run's
set -u
umask 077
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
fail() { printf '%s\n' "$*" >&2; exit 1; }

action=$1
shift
from='' keytab='' flags='' owner='' mode=0400 proxy='' host='' service='' realm='' role='' by='' age='' force=''
while [ $# -gt 0 ]; do
  case $1 in
    from=*) from=${1#*=} ;;
    keytab=*) keytab=${1#*=} ;;
    flags=*) flags=${1#*=} ;;
    owner=*) owner=${1#*=} ;;
    mode=*) mode=${1#*=} ;;
    proxy=*) proxy=${1#*=} ;;
    host=*) host=${1#*=} ;;
    service=*) service=${1#*=} ;;
    realm=*) realm=${1#*=} ;;
    role=*) role=${1#*=} ;;
    by=*) by=${1#*=} ;;
    age=*) age=${1#*=} ;;
    force=*) force=${1#*=} ;;
    *) break ;;
  esac
  shift
done
# The rest of "$@": names of flagfiles, which belong into $flags.

folder=$(dirname "$keytab")
flags_stage=$from
flags_mode=0644

# USER alone: with the user's own group.
whole_owner() {
  user=${owner%%:*}
  id -u "$user" > /dev/null 2>&1 || fail "no user $user on this host: create it, or name another with USER="
  case $owner in *:*) ;; *) owner=$user:$(id -gn "$user") ;; esac
}

# Whether SELinux labels files here. Where its tools are not installed nobody would see a label.
labels() {
  command -v restorecon > /dev/null 2>&1 || return 1
  ! command -v selinuxenabled > /dev/null 2>&1 || selinuxenabled
}

# STAGED PLACE: the label that the file shall have there, before it is there: between a rename and restorecon the daemon
# could not open it. That of the file in place; for a new one the policy's.
label_ahead() {
  if [ -e "$2" ]; then
    chcon --reference="$2" "$1"
  elif command -v matchpathcon > /dev/null 2>&1; then
    chcon "$(matchpathcon -n "$2")" "$1"
  fi || fail "$2: its SELinux label cannot be set; the files in place are untouched"
}

state_of() { stat -c '%a %U:%G' "$1"; }
sync_path() { sync "$1" 2> /dev/null || sync; }

# STAGED PLACE OWNER MODE: everything that may fail before anything is changed. Sets `outcome`.
prepare() {
  [ ! -L "$2" ] || fail "$2 is a symbolic link to $(readlink "$2"): name the file itself, the link would be lost"
  [ ! -d "$2" ] || fail "$2 is a folder"
  chown "$3" "$1" || fail "$2: the owner $3 cannot be set; the files in place are untouched"
  chmod "$4" "$1" || fail "$2: the mode $4 cannot be set; the files in place are untouched"
  ! labels || label_ahead "$1" "$2"
  sync_path "$1"
  if [ ! -e "$2" ]; then
    outcome=new
  elif ! cmp -s "$1" "$2"; then
    outcome=replaced
  elif [ "$(state_of "$1")" != "$(state_of "$2")" ]; then
    outcome="put right ($(state_of "$2"))"
  else
    outcome=same
  fi
}

# PLACE OWNER MODE: what is there becomes .prev, and stays in its place. A link needs no room on the disk.
keep() {
  rm -f "$1.prev.new"
  if [ ! -e "$1" ]; then
    rm -f "$1.prev"
  else
    chmod "$3" "$1" && chown "$2" "$1" && ln "$1" "$1.prev.new" && mv -f "$1.prev.new" "$1.prev" ||
      fail "$1.prev cannot be kept; the files in place are untouched"
    rm -f "$1.prev.new"
  fi
}

# STAGED PLACE
place() {
  mv -f "$1" "$2" || fail "$2 cannot be replaced"
  ! labels || restorecon "$2" || fail "$2: its SELinux label cannot be set"
  sync_path "$(dirname "$2")"
}

forget_old_arrivals() {
  for at in "$folder" ${flags:+"$flags"}; do
    find "$at" -maxdepth 1 -name '.kerbgate[.-]*' ! -name .kerbgate-lock -mmin +60 -exec rm -rf {} + 2> /dev/null
  done
}

stage_flags() {
  [ $# -gt 0 ] && [ "$flags" != "$folder" ] || return 0
  (umask 022 && mkdir -p "$flags") || fail "$flags cannot be made"
  flags_stage=$(mktemp -d "$flags/.kerbgate.XXXXXX") || fail "$flags: no room or no right; nothing is changed"
  trap 'rm -rf "$flags_stage"' EXIT
  trap 'exit 1' HUP INT TERM
  for name; do
    cp "$from/$name" "$flags_stage/$name" || fail "$flags: no room for $name; the files in place are untouched"
  done
}

push() {
  (cd "$from" && sha256sum -c sums > /dev/null 2>&1) || fail "what arrived is not what was sent; nothing is changed"
  whole_owner
  stage_flags "$@"
  report='' changed=
  prepare "$from/keytab" "$keytab" "$owner" "$mode"
  report="$(basename "$keytab") $outcome"
  [ "$outcome" = same ] || changed=1
  for name; do
    prepare "$flags_stage/$name" "$flags/$name" root:root "$flags_mode"
    report="$report, $name $outcome"
    [ "$outcome" = same ] || changed=1
  done
  if [ -n "$changed" ]; then
    keep "$keytab" "$owner" "$mode"
    for name; do keep "$flags/$name" root:root "$flags_mode"; done
    place "$from/keytab" "$keytab"
    for name; do place "$flags_stage/$name" "$flags/$name"; done
  fi
  forget_old_arrivals
  printf '%s\n' "$report"
}

describe() {
  if [ -e "$1" ]; then
    printf 'file\t%s\t%s\t%s\t%s\n' "$1" "$(sha256sum < "$1" | cut -d ' ' -f 1)" "$(stat -c %a "$1")" "$(stat -c %U:%G "$1")"
  else
    printf 'file\t%s\tmissing\n' "$1"
  fi
}

look() {
  whole_owner
  printf 'owner\t%s\n' "$owner"
  describe "$keytab"
  for name; do describe "$flags/$name"; done
}

verify() {
  look "$@"
  command -v kerbgate-keytool > /dev/null 2>&1 || return 0
  set -- --host "$host" --role "$role" --user "${owner%%:*}" --service "$service" ${1:+--flagfile "$flags/$1"}
  [ -z "$realm" ] || set -- "$@" --realm "$realm"
  [ "$role" != coordinator ] || set -- "$@" --proxy "$proxy"
  kerbgate-keytool verify "$keytab" "$@" > "${TMPDIR:-/tmp}/kerbgate.$$" 2>&1 && found=pass || found=fail
  printf 'keytool\t%s\n' "$found"
  [ "$found" = pass ] || cat "${TMPDIR:-/tmp}/kerbgate.$$"
  rm -f "${TMPDIR:-/tmp}/kerbgate.$$"
}

# At every moment both names have a whole file.
swap() {
  rm -f "$1.next"
  ln "$1" "$1.next" && mv -f "$1.prev" "$1" && mv -f "$1.next" "$1.prev" || fail "$1 and $1.prev cannot change places"
  rm -f "$1.next"
  sync_path "$(dirname "$1")"
}

rollback() {
  [ -e "$keytab.prev" ] || fail "$keytab.prev is not there: no push has replaced $keytab"
  swap "$keytab"
  report="$(basename "$keytab") is the one before"
  for name; do
    [ -e "$flags/$name.prev" ] || continue
    swap "$flags/$name"
    report="$report, $name too"
  done
  printf '%s\n' "$report"
}

# The owner's line: whose, what, since when, with tabs between. A run's WHO is the first of them.
lock() {
  (umask 022 && mkdir -p "$folder") || exit 1
  held=$folder/.kerbgate-lock
  mine=$(mktemp "$held.XXXXXX") || exit 1
  trap 'rm -f "$mine"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '%s\n' "$by" > "$mine" || exit 1
  if ln "$mine" "$held" 2> /dev/null; then
    echo locked
    return
  fi
  [ -e "$held" ] || fail "$held cannot be made"
  before=$(cat "$held")
  # A run of the same OUT is dead: the operator's machine lets only one live.
  if [ -n "$force" ] || [ "${before%%	*}" = "${by%%	*}" ] || [ -n "$(find "$held" -mmin "+$age")" ]; then
    mv -f "$mine" "$held" || exit 1
    printf 'taken\t%s\n' "$before"
  else
    printf 'held\t%s\n' "$before"
  fi
}

unlock() {
  held=$folder/.kerbgate-lock
  [ -e "$held" ] || return 0
  before=$(cat "$held")
  [ "${before%%	*}" != "$by" ] || rm -f "$held"
}

case $action in
  push | look | verify | rollback | lock | unlock) "$action" "$@" ;;
  *) fail "host.sh: no action $action" ;;
esac
