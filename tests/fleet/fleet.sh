#!/usr/bin/env bash
# fleet.sh BUILD_DIR [FOLDER]: Makefile.deploy's fleet targets as docs/fleet.md has them, on hosts that are namespaces: nine
# with an sshd, a file system of their own below /etc/impala and a coordinator that obeys its flagfile; a KDC with kadmind,
# the proxy, clients. All of it lives in namespaces of its own and ends with them: nothing on the system is changed. Needs
# root; says SKIPPED (exit status 77) where namespaces are not allowed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_tree=$(cd "$here/../.." && pwd)
build=$(cd "${1:?usage: fleet.sh BUILD_DIR [FOLDER]}" && pwd)
folder=${2:-$build/fleet}

skip() {
  echo "SKIPPED: $*"
  exit 77
}

if [ -z "${FLEET_INSIDE:-}" ]; then
  [ "$(id -u)" = 0 ] || skip "needs root, for network namespaces with an sshd each"
  for program in unshare ip make python3 setpriv /usr/sbin/sshd krb5kdc kadmind; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$program" > /dev/null || skip "$program is not installed"
  done
  unshare --mount --net --uts --pid --fork --mount-proc sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/netns &&
    ip netns add probe && ip link add name probe type bridge && ip link add probe1 type veth peer name probe2' > /dev/null 2>&1 ||
    skip "namespaces, mounts, bridges or pairs of network devices are not allowed here"
  rm -rf "$folder"
  mkdir -p "$folder"
  folder=$(cd "$folder" && pwd)
  # The process namespace ends with its first process, and everything in it.
  FLEET_INSIDE=1 exec unshare --mount --net --uts --pid --fork --kill-child --mount-proc "$0" "$build" "$folder"
fi

cd "$folder"
. "$source_tree/tests/demo/talk.sh"
. "$here/world.sh"
. "$here/scenes.sh"
PATH=$build:$PATH:/usr/sbin:/sbin

make_world
scene_first_deployment
scene_unchanged
scene_add_host
scene_host_down
scene_disk_full
scene_wrong_mode
scene_rollback
scene_rolling_restart
scene_rotation
scene_clush
scene_ansible
step "Done in $SECONDS s"
printf '   %s\n' "${summary[@]}"
