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
      -e "s|/run/kerbgate/admin.sock|$folder/$2.sock|; s|/etc/kerbgate/proxy.keytab|$folder/keytabs/$PROXY.keytab|"
}

declare -A proxy_of keepalived_of

start_lb() {
  local name=$1 address=$2 peer=$3 priority=$4
  make_box "$name" "$address"
  block '# proxy.cfg' "$name" > "$name.cfg"
  block '# keepalived.conf' "$name" | sed -e "s/lb1/$name/; s/priority 150/priority $priority/" \
    -e "s/unicast_src_ip .*/unicast_src_ip $address/; s/^\( *\)10\.77\.0\.4 .*/\1$peer/" > "$name.keepalived.conf"
  background "$name.proxy.log" ip netns exec "$name" "$build/proxy" -f "$name.cfg"
  proxy_of[$name]=$!
  wait_for_page "$name"
  background "$name.keepalived.log" ip netns exec "$name" keepalived --dont-fork --log-console --log-detail --use-file "$folder/$name.keepalived.conf" \
    --pid "/run/$name.pid" --vrrp_pid "/run/$name.vrrp.pid" --checkers_pid "/run/$name.checkers.pid"
  keepalived_of[$name]=$!
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

step "lb1 loses its proxy"
kill -KILL "${proxy_of[lb1]}"
wait_for_master lb2
who_serves > after
diff before after | indent || die "a client has changed its coordinator"
cmp -s before after || die "a client has changed its coordinator"

step "lb1 is back, then lb2's machine is gone"
background lb1.proxy.log ip netns exec lb1 "$build/proxy" -f lb1.cfg
proxy_of[lb1]=$!
wait_for_page lb1
: > lb1.keepalived.log
ip link set tolb2 down
wait_for_master lb1
who_serves > again
cmp -s before again || { diff before again | indent; die "a client has changed its coordinator"; }

step "Done in $SECONDS s"
say "12 clients on $(cut -d ' ' -f 2 before | sort -u | wc -l) coordinators; after each of two failovers every one was where it had been"
