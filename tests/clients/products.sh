#!/usr/bin/env bash
# products.sh BUILD_DIR FOLDER [PART...]: real clients and real servers behind the proxy, in the demo's realm.
#   matrix  impala-shell, impyla, Beeline and Hive's JDBC driver on two HiveServer2, in every way of login and of TLS, with a
#           coordinator dead and with a stale keytab: docs/compatibility.md
#   errors  what three of them print for each cause, behind HAProxy and behind the proxy: docs/errors-by-client.md
#   pool    Hue's pattern: one user's requests over any of ten connections
# Default: all. KERBGATE_CACHE (default ~/.cache/kerbgate) keeps what is downloaded; WRITE=DOCS, an absolute
# path, writes the tables there.
# Exit status 1 when something is not as it should be.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:?usage: products.sh BUILD_DIR FOLDER [PART...]}" && pwd)
folder=${2:?usage: products.sh BUILD_DIR FOLDER [PART...]}
shift 2
[ $# -gt 0 ] || set -- pool matrix errors
cache=${KERBGATE_CACHE:-$HOME/.cache/kerbgate}

rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
folder=$PWD

. "$here/../demo/talk.sh"
. "$here/../demo/realm.sh"
. "$here/../demo/scenes.sh"

PATH=$build:$PATH:/usr/sbin:/sbin
need_programs krb5kdc kadmin.local kdb5_util kinit setpriv openssl java python3 keytool proxy coordinator
need_name_service
kinds=(python)
[ "$*" = pool ] || kinds+=(java)
[[ " $* " != *" matrix "* ]] || kinds+=(hiveserver2)
[[ " $* " != *" errors "* ]] || need_programs haproxy
say "Clients and servers are installed in $cache"
"$here/install.sh" "$cache" "${kinds[@]}"

export PRODUCTS_BUILD=$build PRODUCTS_CACHE=$cache
{
  scene_realm
  scene_names
  scene_keytabs
  scene_flags
} > realm.txt 2>&1 || { indent < realm.txt; die "the realm does not start"; }

status=0
for part in "$@"; do
  say "$part: what each client printed is in $folder/$part.txt"
  setpriv --pdeathsig TERM python3 "$here/products/$part.py" ${WRITE:+--write "$WRITE"} 2> "$part.txt" || { status=1 && tail -n 3 "$part.txt"; }
done
[ "$status" = 0 ] || die "not everything is as it should be"
