# Runs the script that sources this again inside namespaces that end with it; says SKIPPED where they are not allowed. Sourced.

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
  FLEET_INSIDE=1 exec unshare --mount --net --uts --pid --fork --kill-child --mount-proc "$0" "$build" "$folder" "${@:3}"
fi
