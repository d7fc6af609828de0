#!/usr/bin/env bash
# clients.sh BUILD_DIR FOLDER [CLIENT...]: what `keytool client` prints, pasted as it is into the clients it is for, in
# the demo's realm: each client logs in and runs a query through the proxy, in each way that it treats a login (kerberos
# login inspect, pass, verify, late), and past it on host1. Prints a table; exit status 1 when a row of it is not ok. CLIENT: impala-shell impyla hue beeline jdbc odbc simba-jdbc; default: all.
# KERBGATE_CACHE (default ~/.cache/kerbgate) keeps what is downloaded. With KERBGATE_INSTALLED=1 (ctest) nothing is: SKIPPED
# where a client is not there, exit status 77.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:?usage: clients.sh BUILD_DIR FOLDER [CLIENT...]}" && pwd)
folder=${2:?usage: clients.sh BUILD_DIR FOLDER [CLIENT...]}
shift 2
clients=("$@")
[ $# -gt 0 ] || clients=(impala-shell impyla hue beeline jdbc odbc simba-jdbc)
cache=${KERBGATE_CACHE:-$HOME/.cache/kerbgate}

rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
folder=$PWD

. "$here/../demo/talk.sh"
. "$here/../demo/realm.sh"
. "$here/../demo/scenes.sh"
. "$here/paste.sh"

PATH=$build:$PATH:/usr/sbin:/sbin

is_wanted() {
  local name
  for name in "$@"; do [[ " ${clients[*]} " != *" $name "* ]] || return 0; done
  return 1
}

# install_kind KIND CLIENT...: those of the wanted clients that cannot be had from where they are downloaded are skipped:
# that says nothing of keytool.
install_kind() {
  local kind=$1 client left=()
  shift
  is_wanted "$@" || return 0
  say "Clients are installed in $cache ($kind)"
  ! timeout 300 "$here/install.sh" "$cache" "$kind" || return 0
  for client in "${clients[@]}"; do
    if [[ " $* " == *" $client "* ]]; then say "SKIPPED $client: it could not be downloaded"; else left+=("$client"); fi
  done
  clients=("${left[@]}")
}

skip_unless_installed() {
  local why
  [ -n "${KERBGATE_INSTALLED:-}" ] || return 0
  why=$("$here/install.sh" --look "$cache" python java) || { say "SKIPPED: $why"; exit 77; }
}

install_clients() {
  install_kind python impala-shell impyla hue
  install_kind java beeline jdbc
  PATH=$here/bin:$cache/python/bin:$PATH
  export CLIENTS_JAVA=$cache/java CLIENTS_CONF=$folder/java
  mkdir -p "$CLIENTS_CONF"
}

# A realm with its names, three coordinators on the flags and keytabs that keytool writes, the proxy before them.
start_cluster() {
  say "Realm, coordinators and proxy are started: $folder/cluster.txt"
  {
    scene_realm
    scene_names
    scene_keytabs
    scene_flags
    scene_coordinators
    scene_proxy
    log_in
  } > cluster.txt 2>&1 || { indent < cluster.txt; die "the cluster does not start"; }
}

need_programs krb5kdc kadmin.local kdb5_util kinit setpriv keytool proxy coordinator
need_name_service
skip_unless_installed
install_clients
start_cluster
configure_java
for client in "${clients[@]}"; do try_client "$client"; done
for login in pass verify late; do
  set_login "$login"
  for client in "${clients[@]}"; do try_login "$client" "$login"; done
done
! is_wanted impala-shell || try_interrupt
! is_wanted hue || try_pool
say "What each of them printed: $folder/CLIENT-PATH.txt"
[ "$failures" -eq 0 ] || die "$failures of $tries did not work"
say "$tries passed, 0 failed: each logged in with exactly what keytool client prints"
