# A Kerberos realm and a name service that only the demo's processes see. Sourced.

. "$(dirname "${BASH_SOURCE[0]}")/kdc.sh"
HOSTS=(host1 host2 host3)

need_name_service() {
  ! LD_PRELOAD=libnss_wrapper.so true 2>&1 | grep -q preloaded ||
    die "libnss_wrapper.so is missing (Debian: libnss-wrapper, Fedora: nss_wrapper): make -f Makefile.deploy deps"
}

# On a free port of this host.
start_kdc() {
  local attempt port=8800
  export KRB5_CONFIG=$folder/krb5.conf KRB5CCNAME=FILE:$folder/ccache
  for attempt in 1 2 3; do
    port=$(free_port "$port")
    write_krb5_conf krb5.conf "127.0.0.1:$port" 'udp_preference_limit = 1'
    write_kdc_conf 'kdc_listen = ""' "kdc_tcp_listen = 127.0.0.1:$port"
    run_kdc && { KDC_PORT=$port; return; }
    port=$((port + 1))
  done
  indent < kdc.log
  die "the KDC does not start"
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
