#!/usr/bin/env bash
# pair.sh BUILD_DIR [FOLDER]: two proxies and keepalived as docs/two-proxies.md has them, in namespaces: the one that has the
# address dies, clients come back to the other, and each of them to the coordinator that it had.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_tree=$(cd "$here/../.." && pwd)
build=$(cd "${1:?usage: pair.sh BUILD_DIR [FOLDER]}" && pwd)
folder=${2:-$build/pair}
PATH=$PATH:/usr/sbin:/sbin
for program in keepalived curl; do
  command -v "$program" > /dev/null || { echo "SKIPPED: $program is not installed"; exit 77; }
done
. "$here/inside.sh"

cd "$folder"
. "$source_tree/tests/demo/talk.sh"
. "$here/world.sh"
. "$here/scenes.sh"
PATH=$build:$PATH
HOSTS=4

# docs/two-proxies.md's blocks, with this test's names and addresses.
block() {
  awk -v wanted="$1" '/^    #/ && index($0, wanted) { on = 1 } on && !/^(    |$)/ { exit } on { print substr($0, 5) }' \
    "$source_tree/docs/two-proxies.md" |
    sed -e 's/10\.0\.0\./10.77.0./g; s/example\.com/example.test/g; s/impala\.example\.test/'$PROXY'/g; s/EXAMPLE\.COM/'$REALM'/g' \
      -e "s|/etc/kerbgate/proxy.keytab|$folder/keytabs/$PROXY.keytab|"
}

declare -A proxy_of keepalived_of

start_lb() {
  local name=$1 address=$2 peer=$3 priority=$4
  make_box "$name" "$address"
  mkdir "$name"
  printf '%s\n' 'mount --make-rprivate /' "hostname $name.example.test" 'mount -t tmpfs tmpfs /run/kerbgate' > "$name/boot"
  start_sshd "$name" "$name"
  wait_for_line "$name.sshd.log" 'Server listening' "${sshd[$name]}" || die "$name: no sshd"
  block '# proxy.cfg' > "$name.cfg"
  block '# keepalived.conf' | sed -e "s/lb1/$name/; s/priority 150/priority $priority/" \
    -e "s/unicast_src_ip .*/unicast_src_ip $address/; s/^\( *\)10\.77\.0\.4 .*/\1$peer/" > "$name.keepalived.conf"
  start_its_proxy "$name"
  background "$name.keepalived.log" ip netns exec "$name" keepalived --dont-fork --log-console --log-detail --use-file "$folder/$name.keepalived.conf" \
    --pid "/run/$name.pid" --vrrp_pid "/run/$name.vrrp.pid" --checkers_pid "/run/$name.checkers.pid"
  keepalived_of[$name]=$!
}

# It sees its machine's files: /run/kerbgate is not that of the other one, nor the operator's.
start_its_proxy() {
  background "$1.proxy.log" nsenter --target "${sshd[$1]}" --mount --net --uts -- "$build/proxy" -f "$folder/$1.cfg"
  proxy_of[$1]=$!
  wait_for_page "$1"
}

# A command at the runtime socket of a machine's own.
at_socket() {
  nsenter --target "${sshd[$1]}" --mount -- python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("/run/kerbgate/admin.sock")
s.sendall(sys.argv[1].encode() + b"\n")
print(s.makefile().read(), end="")' "$2"
}

wait_for_page() {
  local look
  for look in {1..400}; do
    ! ip netns exec "$1" curl -fso /dev/null http://127.0.0.1:8404/healthz || return 0
    kill -0 "${proxy_of[$1]}" 2> /dev/null || break
    sleep 0.05
  done
  indent < "$1.proxy.log"
  die "the proxy of $1 is not ready"
}

has_address() { ip -n "$1" -o address show dev eth0 | grep -q '10\.77\.0\.2/'; }
wait_for_master() {
  wait_for_line "$1.keepalived.log" 'Entering MASTER STATE' "${keepalived_of[$1]}" || { indent < "$1.keepalived.log"; die "$1 does not take the address"; }
  local look
  for look in {1..200}; do
    ! has_address "$1" || return 0
    sleep 0.05
  done
  die "$1 has not got the address"
}

# Which coordinator each of twelve clients is given; a client that comes while the address moves tries again, as clients do.
who_serves() {
  local n attempt
  for n in $(seq 101 112); do
    for attempt in {1..40}; do
      shell --connect $PROXY:21050 --query 'select 1' --source-address "10.77.0.$n" > answer 2> answer.err && break
      [ "$attempt" -lt 40 ] || { indent < answer.err; die "client 10.77.0.$n is not served"; }
      sleep 0.05
    done
    echo "10.77.0.$n $(cut -f 2 answer)"
  done
}

make_world
step "Keytabs and flags on four coordinators"
write_makefile
write_inventory 1 2 3 4
export_keys
fleet push
expect_status 0
fleet restart
expect_status 0

step "Two proxies, one address"
start_lb lb1 10.77.0.3 10.77.0.4 150
start_lb lb2 10.77.0.4 10.77.0.3 100
wait_for_master lb1
! has_address lb2 || die "both have the address"
for n in $(seq 101 112); do ip address add "10.77.0.$n/24" dev bridge; done
kinit -k -t alice.keytab alice
who_serves > before
cut -d ' ' -f 2 before | sort | uniq -c | indent
[ "$(cut -d ' ' -f 2 before | sort -u | wc -l)" -gt 1 ] || die "one coordinator serves all: nothing is shown by that"

step "Rolling restart: drained at both, by ssh"
both='ssh://lb1.example.test/run/kerbgate/admin.sock lb2.example.test:/run/kerbgate/admin.sock'
start_load 2
wait_for_load 2
fleet rolling-restart PROXY_SOCKET="$both" HOSTS='host1.example.test host2.example.test'
expect_status 0
expect '^host1.example.test: draining impala/host1 \(at lb1.example.test\) impala/host1 \(at lb2.example.test\)'
expect 'rolling-restart: 2 of 2 restarted'
wait_for_load 2
stop_load
fleet status PROXY_SOCKET="$both"
expect '^host1.example.test .* UP +yes'
at_socket lb2 'set server impala/host3 state drain'
fleet status PROXY_SOCKET="$both"
expect '^host3.example.test .* UP, DRAIN +yes'
at_socket lb2 'set server impala/host3 state ready'
fleet rolling-restart PROXY_SOCKET="$both,ssh://lb1.example.test/run/kerbgate/none.sock" HOSTS=host1.example.test
expect_status 2
expect 'PROXY_SOCKET=ssh://lb1.example.test/run/kerbgate/none.sock: '
expect 'rolling-restart: 0 of 1 restarted'
fleet rolling-restart PROXY_SOCKET=ssh:lb1 HOSTS=host1.example.test
expect 'ssh://\[USER@\]HOST\[:PORT\]/PATH is expected'

step "lb1 loses its proxy"
kill -KILL "${proxy_of[lb1]}"
wait_for_master lb2
who_serves > after
diff before after | indent || die "a client has changed its coordinator"
cmp -s before after || die "a client has changed its coordinator"

step "lb1 is back, then lb2's machine is gone"
start_its_proxy lb1
: > lb1.keepalived.log
ip link set tolb2 down
wait_for_master lb1
who_serves > again
cmp -s before again || { diff before again | indent; die "a client has changed its coordinator"; }

step "Done in $SECONDS s"
say "12 clients on $(cut -d ' ' -f 2 before | sort -u | wc -l) coordinators; after each of two failovers every one was where it had been"
