# A Kerberos realm and a name service that only the demo's processes see. Sourced.

REALM=EXAMPLE.TEST
PROXY=proxy.example.test
HOSTS=(host1 host2 host3)

need_name_service() {
  ! LD_PRELOAD=libnss_wrapper.so true 2>&1 | grep -q preloaded ||
    die "libnss_wrapper.so is missing (Debian: libnss-wrapper, Fedora: nss_wrapper): make -f Makefile.deploy deps"
}

write_krb5_conf() {
  cat > krb5.conf << EOF
[libdefaults]
  default_realm = $REALM
  dns_lookup_kdc = false
  dns_lookup_realm = false
  udp_preference_limit = 1
[realms]
  $REALM = {
    kdc = 127.0.0.1:$1
  }
[domain_realm]
  .example.test = $REALM
EOF
}

write_kdc_conf() {
  cat > kdc/kdc.conf << EOF
[kdcdefaults]
  kdc_listen = ""
  kdc_tcp_listen = 127.0.0.1:$1
[realms]
  $REALM = {
    database_name = $folder/kdc/principal
    key_stash_file = $folder/kdc/stash
    acl_file = $folder/kdc/acl
    supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
  }
[logging]
  kdc = STDERR
EOF
}

start_kdc() {
  local attempt port=8800
  mkdir -p kdc
  : > kdc/acl
  export KRB5_CONFIG=$folder/krb5.conf KRB5_KDC_PROFILE=$folder/kdc/kdc.conf KRB5CCNAME=FILE:$folder/ccache
  for attempt in 1 2 3; do
    port=$(free_port "$port")
    write_krb5_conf "$port"
    write_kdc_conf "$port"
    [ -e kdc/principal ] || kdb5_util create -r "$REALM" -s -W -P master > /dev/null
    background kdc.log krb5kdc -n -r "$REALM"
    wait_for_line kdc.log 'commencing operation' $! && { KDC_PORT=$port; return; }
    port=$((port + 1))
  done
  indent < kdc.log
  die "the KDC does not start"
}

# kadmin.local with its own chatter kept for the case of a failure.
kadmin() {
  kadmin.local -r "$REALM" "$@" > kadmin.log 2>&1 || { indent < kadmin.log; die "kadmin.local $* failed"; }
}

show_kadmin() {
  printf '   $ kadmin.local %s\n' "$*"
  kadmin "$@"
}

# name=address pairs into the hosts file, from which getaddrinfo and getnameinfo answer.
write_names() {
  local pair
  for pair in "$@"; do printf '%s %s\n' "${pair#*=}" "${pair%%=*}"; done > hosts
  export NSS_WRAPPER_HOSTS=$folder/hosts LD_PRELOAD=$build/libone_lookup.so:libnss_wrapper.so
  export NSS_WRAPPER_DISABLE_DEEPBIND=1 ASAN_OPTIONS=verify_asan_link_order=0 # for programs built with sanitizers
}
