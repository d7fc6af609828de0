# The world of the fleet's test: names, a realm, hosts in namespaces, the proxy. Sourced.

. "$source_tree/tests/demo/kdc.sh"
name_of() { echo "host$1.example.test"; }
address_of() { echo "10.77.0.$((10 + $1))"; }

make_world() {
  step "$HOSTS hosts, a KDC with kadmind, names, all in namespaces"
  private_files
  make_network
  make_keys
  make_realm
  local n
  for n in $(seq 1 $HOSTS); do start_host "$n"; done
  for n in $(seq 1 $HOSTS); do wait_for_line "host$n.sshd.log" 'Server listening' "${sshd[$n]}" || die "host$n: no sshd"; done
  say "host1 to host$HOSTS.example.test have an sshd each, a user impala and an empty /etc/impala/conf"
}

# What is written below /etc and /run is seen by this test alone.
private_files() {
  mount --make-rprivate /
  mkdir etc
  cp -a /etc/. etc/
  mount --bind etc /etc
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/sshd /run/netns /run/kerbgate
  mkdir -m 700 /run/operator
  export XDG_RUNTIME_DIR=/run/operator
  getent passwd sshd > /dev/null || echo 'sshd:x:64999:65534::/run/sshd:/usr/sbin/nologin' >> /etc/passwd
  sed -i '/^impala:/d' /etc/passwd /etc/group
  echo 'impala:x:64998:64998::/nonexistent:/usr/sbin/nologin' >> /etc/passwd
  echo 'impala:x:64998:' >> /etc/group
  rm -f /etc/nologin
  mkdir -p /etc/impala
  echo 'hosts: files' > /etc/nsswitch.conf
  printf 'passwd: files\ngroup: files\nshadow: files\n' >> /etc/nsswitch.conf
  write_names
}

write_names() {
  local n
  {
    echo "127.0.0.1 localhost"
    echo "10.77.0.1 admin.example.test"
    echo "10.77.0.2 $PROXY"
    echo "10.77.0.3 lb1.example.test"
    echo "10.77.0.4 lb2.example.test"
    for n in $(seq 1 $HOSTS); do echo "$(address_of "$n") $(name_of "$n")"; done
  } > names
  cat names > /etc/hosts
}

make_network() {
  hostname admin.example.test
  ip link set lo up
  ip link add name bridge type bridge
  ip address add 10.77.0.1/24 dev bridge
  ip link set bridge up
}

make_keys() {
  ssh-keygen -q -t ed25519 -N '' -f host_key
  ssh-keygen -q -t ed25519 -N '' -f operator_key
  echo "*.example.test $(cut -d ' ' -f 1,2 host_key.pub)" > known_hosts
  cat > sshd_config << EOF
HostKey $folder/host_key
AuthorizedKeysFile $folder/operator_key.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
MaxStartups 50
Subsystem sftp internal-sftp
PidFile none
EOF
  ssh_opts="-l root -i $folder/operator_key -o UserKnownHostsFile=$folder/known_hosts -o IdentitiesOnly=yes"
  # A host that is gone is noticed soon, where one has been talked to before.
  impatient="$ssh_opts -o ConnectTimeout=2 -o ServerAliveInterval=1 -o ServerAliveCountMax=2"
}

make_realm() {
  write_krb5_conf /etc/krb5.conf 10.77.0.1
  write_kdc_conf
  printf 'rotator/admin@%s ism impala/%s@%s\nrotator/admin@%s i krbtgt/%s@%s\n' $REALM $PROXY $REALM $REALM $REALM $REALM > kdc/acl
  unset KRB5_CONFIG
  run_kdc || { indent < kdc.log; die "the KDC does not start"; }
  background kadmind.log kadmind -nofork -r $REALM
  wait_for_line kadmind.log 'starting' $! || die "kadmind does not start"
  kadmin addprinc -requires_preauth -randkey alice
  kadmin ktadd -norandkey -k "$folder/alice.keytab" alice
  kadmin addprinc -randkey rotator/admin
  kadmin ktadd -norandkey -k "$folder/admin.keytab" rotator/admin
}

declare -A sshd=()

# A network of its own: $1 its name and that of its cable, $2 its address.
make_box() {
  ip netns add "$1"
  ip link add "to$1" type veth peer name eth0 netns "$1"
  ip link set "to$1" master bridge up
  ip -n "$1" address add "$2/24" dev eth0
  ip -n "$1" link set eth0 up
  ip -n "$1" link set lo up
}

# BOX NUMBER: an sshd in a network, a mount and a host name of its own, made by the shell script BOX/boot.
start_sshd() {
  printf 'exec /usr/sbin/sshd -D -e -f %s/sshd_config\n' "$folder" >> "$1/boot"
  background "$1.sshd.log" ip netns exec "$1" unshare --mount --uts sh -e "$1/boot"
  sshd[$2]=$!
}

# $2: the size of the file system of its keytab.
start_host() {
  local n=$1 size=${2:-4m}
  make_box "host$n" "$(address_of "$n")"
  mkdir -p "host$n"
  cat > "host$n/boot" << EOF
mount --make-rprivate /
hostname $(name_of "$n")
mount -t tmpfs -o size=$size,mode=755 tmpfs /etc/impala
mkdir /etc/impala/conf
mount -t tmpfs -o mode=755 tmpfs /usr/local
mkdir -p /usr/local/sbin /usr/local/bin
install -m 755 $here/restart-impalad /usr/local/sbin
[ $n -gt 4 ] || ln -s $build/keytool /usr/local/bin/kerbgate-keytool
export COORDINATOR=$build/coordinator LISTEN=$(address_of "$n"):21050 NAME=host$n LOG=$folder/host$n
env | grep -E '^(COORDINATOR|LISTEN|NAME|LOG)=' > /usr/local/impalad.env
EOF
  start_sshd "host$n" "$n"
}

# The network of a host comes and goes as a cable does.
unplug() { ip link set "tohost$1" down; }
plug() { ip link set "tohost$1" up; }

on_host() { nsenter --target "${sshd[$1]}" --mount --root --net --uts -- "${@:2}"; }

write_proxy_cfg() {
  local n
  {
    cat << EOF
global
    log stdout format raw local0
    stats socket /run/kerbgate/admin.sock mode 600 level admin
    kerberos fqdn $PROXY
    kerberos service impala
defaults
    mode tcp
    log global
    option tcplog
    option redispatch
    retries 3
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    default-server check inter 200ms rise 2 fall 2
listen impala
    bind $PROXY:21050
    balance leastconn
EOF
    for n in "$@"; do echo "    server host$n $(name_of "$n"):21050"; done
  } > proxy.cfg
}

start_proxy() {
  ip address add 10.77.0.2/24 dev bridge
  write_proxy_cfg "$@"
  background proxy.log proxy -f proxy.cfg
  proxy_pid=$!
  local look
  for look in {1..400}; do
    [ -S /run/kerbgate/admin.sock ] && return
    kill -0 "$proxy_pid" 2> /dev/null || break
    sleep 0.05
  done
  indent < proxy.log
  die "the proxy does not start"
}
