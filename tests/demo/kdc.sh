# A Kerberos realm: its configuration, database and KDC below $folder. The demo's and the fleet's. Sourced, after talk.sh.

REALM=EXAMPLE.TEST
PROXY=proxy.example.test

# FILE HOST[:PORT] [LINE...]: krb5.conf, the KDC's address, more of [libdefaults].
write_krb5_conf() {
  local file=$1 kdc=$2
  shift 2
  {
    printf '[libdefaults]\n  default_realm = %s\n  dns_lookup_kdc = false\n  dns_lookup_realm = false\n' "$REALM"
    [ $# = 0 ] || printf '  %s\n' "$@"
    printf '[realms]\n  %s = {\n    kdc = %s\n    admin_server = %s\n  }\n' "$REALM" "$kdc" "${kdc%:*}"
    printf '[domain_realm]\n  .example.test = %s\n' "$REALM"
  } > "$file"
}

# [LINE...]: more of [kdcdefaults].
write_kdc_conf() {
  mkdir -p kdc
  {
    printf '[kdcdefaults]\n'
    [ $# = 0 ] || printf '  %s\n' "$@"
    cat << EOF
[realms]
  $REALM = {
    database_name = $folder/kdc/principal
    key_stash_file = $folder/kdc/stash
    acl_file = $folder/kdc/acl
    supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
  }
[logging]
  kdc = STDERR
  admin_server = STDERR
EOF
  } > kdc/kdc.conf
  [ -e kdc/acl ] || : > kdc/acl
}

# False when it does not start: its port may be taken.
run_kdc() {
  export KRB5_KDC_PROFILE=$folder/kdc/kdc.conf
  [ -e kdc/principal ] || kdb5_util create -r "$REALM" -s -W -P master > /dev/null
  background kdc.log krb5kdc -n -r "$REALM"
  wait_for_line kdc.log 'commencing operation' $!
}

# kadmin.local with its own chatter kept for the case of a failure.
kadmin() {
  kadmin.local -r "$REALM" "$@" > kadmin.log 2>&1 || { indent < kadmin.log; die "kadmin.local $* failed"; }
}
