#!/usr/bin/env bash
# demo.sh BUILD_DIR [FOLDER]: the main job for real, in a realm that lives below FOLDER (default BUILD_DIR/../demo): keytabs
# merged, flags written, three coordinators, the proxy before them, Kerberized queries through it, and one keytab gone
# stale. Changes nothing on the system, needs no root, leaves files and no process. SHELL_PORT and JDBC_PORT: where the
# proxy listens, if they are free.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:?usage: demo.sh BUILD_DIR [FOLDER]}" && pwd)
folder=${2:-$build/../demo}
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
folder=$PWD

. "$here/talk.sh"
. "$here/realm.sh"
. "$here/scenes.sh"

PATH=$build:$PATH:/usr/sbin:/sbin

need_programs krb5kdc kadmin.local kdb5_util kinit setpriv keytool proxy coordinator shell
need_name_service

scene_realm
scene_names
scene_keytabs
scene_flags
scene_coordinators
scene_proxy
scene_leastconn
scene_source
scene_stale_keytab
scene_repair

step "Done"
say "All $queries queries were answered by a coordinator that knew the user by her own ticket."
say "What was written is in $folder: krb5.conf, hosts, keytabs/, hosts.d/, proxy.cfg, *.log"
say "Every process has been stopped."
