#!/usr/bin/env bash
# fleet.sh BUILD_DIR [FOLDER [SCENE...]]: Makefile.deploy's fleet targets as docs/fleet.md has them, on hosts that are namespaces: nine
# with an sshd, a file system of their own below /etc/impala and a coordinator that obeys its flagfile; a KDC with kadmind,
# the proxy, clients. All of it lives in namespaces of its own and ends with them: nothing on the system is changed. Needs
# root; says SKIPPED (exit status 77) where namespaces are not allowed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_tree=$(cd "$here/../.." && pwd)
build=$(cd "${1:?usage: fleet.sh BUILD_DIR [FOLDER]}" && pwd)
folder=${2:-$build/fleet}
scenes=("${@:3}")
[ ${#scenes[@]} -gt 0 ] ||
  scenes=(unchanged add_host host_down disk_full wrong_mode labels rollback two_operators rolling_restart long_session rotation clush ansible)

. "$here/inside.sh"

cd "$folder"
. "$source_tree/tests/demo/talk.sh"
. "$here/world.sh"
. "$here/scenes.sh"
. "$here/locks.sh"
. "$here/labels.sh"
PATH=$build:$PATH:/usr/sbin:/sbin
HOSTS=9 # host9 is added later

make_world
scene_first_deployment
for scene in "${scenes[@]}"; do "scene_$scene"; done
step "Done in $SECONDS s"
printf '   %s\n' "${summary[@]}"
