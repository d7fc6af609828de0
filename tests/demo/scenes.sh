# The demo's scenes, one function each, in order. Sourced.

queries=0
declare -A coordinator_port coordinator_pid

scene_realm() {
  step "A Kerberos realm of its own, $REALM"
  start_kdc
  say "krb5kdc listens on 127.0.0.1:$KDC_PORT. It knows a user, the hosts, and the one name that clients will ask for:"
  kadmin addprinc -requires_preauth -randkey alice
  kadmin ktadd -norandkey -k alice.keytab alice
  local host
  for host in "$PROXY" "${HOSTS[@]/%/.example.test}"; do show_kadmin addprinc -requires_preauth -randkey "impala/$host"; done
}

scene_names() {
  step "Names, forward and reverse"
  local address=127.77.0.1 pairs=("$PROXY=127.77.0.1") n=1 host
  for host in "${HOSTS[@]}"; do
    n=$((n + 1))
    address=127.77.0.$n
    pairs+=("$host.example.test=$address")
  done
  write_names "${pairs[@]}"
  say "libnss-wrapper answers the demo's processes from a file; /etc/hosts stays as it is:"
  indent < hosts
}

# Every host keeps its own key and gets the proxy's beside it.
merge_for() {
  mkdir -p "hosts.d/$1"
  show keytool merge "keytabs/$1.keytab" keytabs/proxy.keytab -o "hosts.d/$1/impala.keytab"
}

# The new key beside the old one: tickets of before the change stay good.
add_proxy_key_to() {
  show keytool merge "hosts.d/$1/impala.keytab" keytabs/proxy.keytab -o "hosts.d/$1/impala.keytab"
}

export_proxy_key() {
  rm -f keytabs/proxy.keytab
  show_kadmin ktadd -norandkey -k keytabs/proxy.keytab "impala/$PROXY"
}

scene_keytabs() {
  step "Keytabs: each coordinator needs its own key and the proxy's"
  mkdir -p keytabs
  export_proxy_key
  local host
  for host in "${HOSTS[@]}"; do show_kadmin ktadd -norandkey -k "keytabs/$host.keytab" "impala/$host.example.test"; done
  for host in "${HOSTS[@]}"; do merge_for "$host"; done
  show keytool list hosts.d/host1/impala.keytab
}

scene_flags() {
  step "Flags: the proxy's principal towards clients, the host's own towards the cluster"
  local host
  for host in "${HOSTS[@]}"; do
    show_into "hosts.d/$host/impalad_flags" keytool flags --proxy "$PROXY" --host "$host.example.test" --realm "$REALM" \
      --keytab "$folder/hosts.d/$host/impala.keytab" --role coordinator --format flagfile
  done
  say "hosts.d/host1/impalad_flags:"
  indent < hosts.d/host1/impalad_flags
}

address_of() { awk -v name="$1" '$2 == name { print $1 }' hosts; }

scene_coordinators() {
  step "Three coordinators, started on those flags"
  local host log
  for host in "${HOSTS[@]}"; do
    log=$host.log
    background "$log" coordinator --listen "$(address_of "$host.example.test"):0" \
      --flagfile "hosts.d/$host/impalad_flags" --name "$host"
    coordinator_pid[$host]=$!
    wait_for_line "$log" '^listening' $! || { indent < "$log"; die "$host does not start"; }
    coordinator_port[$host]=$(sed -n 's/^listening .*://p' "$log")
    say "$host.example.test:${coordinator_port[$host]}: $(head -n 1 "$log")"
  done
}

server_lines() {
  local host
  for host in "${HOSTS[@]}"; do echo "    server $host $host.example.test:${coordinator_port[$host]} check"; done
}

write_proxy_cfg() {
  cat > proxy.cfg << EOF
global
    log stdout format raw local0
    maxconn 4000
    kerberos fqdn $PROXY
    kerberos service impala
    kerberos keytab $folder/keytabs/proxy.keytab
defaults
    mode tcp
    log global
    option tcplog
    option dontlognull
    option redispatch
    retries 3
    timeout connect 5000
    timeout client 3600s
    timeout server 3600s
listen impala
    bind $PROXY:$SHELL_PORT
    balance leastconn
$(server_lines)
listen impalajdbc
    bind $PROXY:$JDBC_PORT
    balance source
$(server_lines)
EOF
}

scene_proxy() {
  step "The proxy, from a file in HAProxy's language"
  SHELL_PORT=$(free_port "${SHELL_PORT:-25003}") JDBC_PORT=$(free_port "${JDBC_PORT:-21051}")
  write_proxy_cfg
  say "proxy.cfg:"
  indent < proxy.cfg
  say "Before it listens it checks that $PROXY is what Kerberos clients will ask the KDC for:"
  show proxy --check-names -f proxy.cfg
  printf '   $ proxy -f proxy.cfg\n'
  start_proxy
  say "It listens on $PROXY:$SHELL_PORT (leastconn, for shells) and :$JDBC_PORT (source, for pools)."
}

# Another process may take a port that was free: then others are tried.
start_proxy() {
  local attempt
  for attempt in 1 2 3; do
    background proxy.log proxy -f proxy.cfg
    proxy_pid=$!
    wait_for_port "$SHELL_PORT" "$proxy_pid" && wait_for_port "$JDBC_PORT" "$proxy_pid" && return
    grep -q 'already in use' proxy.log || break
    SHELL_PORT=$(free_port "$SHELL_PORT") JDBC_PORT=$(free_port "$JDBC_PORT")
    write_proxy_cfg
  done
  indent < proxy.log
  die "the proxy does not start"
}

# The kernel tells nobody that a port is open now.
wait_for_port() {
  local look
  for look in {1..400}; do
    is_listening "$1" && return 0
    kill -0 "$2" 2> /dev/null || return 1
    sleep 0.05
  done
  return 1
}

# Runs N queries as alice on PORT, from ADDRESS; who answered goes to standard output.
ask() {
  local port=$1 times=$2 source=${3:-127.0.0.1}
  shell --connect "$PROXY:$port" --repeat "$times" --query 'select 1' --source-address "$source" 2>> shell.log |
    cut -f 1,2
}

log_in() {
  kinit -k -t alice.keytab alice
}

# Who answered N queries on PORT; dies unless all were answered.
distribution() {
  local port=$1 times=$2
  ask "$port" "$times" > answers || { indent < shell.log; die "a query failed"; }
  [ "$(grep -c "^alice@$REALM" answers)" -eq "$times" ] || die "an answer is missing"
  queries=$((queries + times))
  printf '   $ shell --connect %s:%d --repeat %d --query "select 1"\n' "$PROXY" "$port" "$times"
  sort answers | uniq -c | sed 's/^ *\([0-9]*\) \([^\t]*\)\t\(.*\)/\3 answered \1 as \2/' | indent
}

scene_leastconn() {
  step "Kerberized queries through port $SHELL_PORT: leastconn"
  printf '   $ kinit -k -t alice.keytab alice\n'
  log_in
  distribution "$SHELL_PORT" 9
}

scene_source() {
  step "The same through port $JDBC_PORT: a client address stays on its coordinator"
  local n first again
  for n in 1 2 3 4 5 6; do
    first=$(ask "$JDBC_PORT" 1 "127.0.5.$n" | cut -f 2)
    again=$(ask "$JDBC_PORT" 1 "127.0.5.$n" | cut -f 2)
    queries=$((queries + 2))
    [ -n "$first" ] && [ "$first" = "$again" ] || die "127.0.5.$n was sent to '$first', then to '$again'"
    say "client 127.0.5.$n: $first, and again $again"
  done
}

scene_stale_keytab() {
  step "A stale keytab: the proxy's key changes, host3 is forgotten"
  show_kadmin cpw -randkey "impala/$PROXY"
  export_proxy_key
  add_proxy_key_to host1
  add_proxy_key_to host2
  local before
  wait_for_line proxy.log 'keytab .* read again' "$proxy_pid" || die "the proxy does not take its new keytab"
  say "The proxy has read its keytab again by itself:"
  grep -m1 'read again' proxy.log | indent
  before=$(wc -l < proxy.log)
  log_in
  say "host3 now refuses every login, and every TCP check still calls it healthy. alice does not notice:"
  distribution "$SHELL_PORT" 9
  ! grep -q host3 answers || die "host3 answered with a key that it does not have"
  say "host3 told its own log why:"
  grep -m1 '^failed' host3.log | indent
  say "The proxy passed the same login on to the next coordinator, and says so:"
  tail -n +"$((before + 1))" proxy.log | grep -m1 host3 | indent || die "the proxy's log does not name host3"
}

scene_repair() {
  step "The repair: merge host3's keytab too"
  add_proxy_key_to host3
  say "No restart is needed: coordinators read their keytab at each login. The proxy avoids one that fails logins which"
  say "others accept, for some seconds, and then gives it a login to prove itself:"
  local until=$((SECONDS + 30))
  until grep -q host3 answers || [ "$SECONDS" -gt "$until" ]; do
    distribution "$SHELL_PORT" 9 > distributed
  done
  cat distributed
  grep -q host3 answers || die "host3 is still passed over"
}
