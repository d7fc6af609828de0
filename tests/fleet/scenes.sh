# What an operator does with docs/fleet.md, one function a chapter. Sourced.

summary=()

# The operator's own makefile: settings, and Makefile.deploy.
write_makefile() {
  cat > Makefile << EOF
INVENTORY := hosts.ini
PROXY := $PROXY
SSH_OPTS := $ssh_opts
RESTART_CMD := /usr/local/sbin/restart-impalad
KEYTOOL := $build/keytool
include $source_tree/Makefile.deploy
EOF
}

# TARGET [VARIABLE=value...]: a fleet target, its output in the file `said`, its exit status in `status`.
fleet() {
  status=0
  printf '   %3d s $ make -j 4 %s\n' "$SECONDS" "${*//$folder\//}"
  make --no-print-directory -j 4 "$@" > said 2>&1 || status=$?
  indent < said
}

expect_status() { [ "$status" = "$1" ] || die "exit status $status, not $1"; }
expect() { grep -Eq -e "$1" said || die "not said: $1"; }
expect_not() { ! grep -Eq -e "$1" said || die "said: $1"; }
sha_on() { on_host "$1" sha256sum "$2" | cut -d ' ' -f 1; }
state_on() { on_host "$1" stat -c '%a %U:%G' "$2"; }
keytab=/etc/impala/conf/impala.keytab

write_inventory() {
  { echo '[coordinators]'; for n in "$@"; do name_of "$n"; done; } > hosts.ini
}

export_keys() {
  mkdir -p keytabs
  "$build/keytool" plan --inventory hosts.ini --proxy $PROXY --keytabs keytabs --out plan --kadmin-script > kadmin.script 2> /dev/null
  kadmin.local -r $REALM < kadmin.script > kadmin.log 2>&1
}

# Whatever may hold keys on a host is for its owner alone.
expect_private() {
  local n=$1 file
  while read -r file; do
    case $(on_host "$n" stat -c %a "$file") in 400) ;; *) die "host$n: $file can be read by others" ;; esac
  done < <(on_host "$n" find /etc/impala -name '*keytab*')
  [ -z "$(on_host "$n" find /etc/impala -name '.kerbgate*')" ] || die "host$n: something stayed behind"
}

# Clients that log in and ask one after another until the file `enough` is there; counts in `load.N`. $1: how many, $2:
# `fresh`: a new ticket each time.
start_load() {
  rm -f enough load.*
  local n
  loaders=()
  for n in $(seq 1 "$1"); do
    load "$n" "${2:-}" &
    loaders+=($!)
  done
}
load() {
  local good=0 bad=0
  export KRB5CCNAME=FILE:$folder/ccache.$1
  kinit -k -t alice.keytab alice
  until [ -e enough ]; do
    [ -z "$2" ] || kinit -k -t alice.keytab alice
    if shell --connect $PROXY:21050 --query 'select 1' > "load.$1.out" 2> "load.$1.err"; then
      good=$((good + 1))
    else
      bad=$((bad + 1))
      cat "load.$1.err" >> load.errors
    fi
    echo "$good $bad" > "load.$1.new"
    mv "load.$1.new" "load.$1"
  done
}
# Once every client has had N more answers.
wait_for_load() {
  local n look now target
  for n in $(seq 1 ${#loaders[@]}); do
    target=$(($(cut -d ' ' -f 1 "load.$n" 2> /dev/null || echo 0) + $1))
    for look in {1..600}; do
      now=$(cut -d ' ' -f 1 "load.$n" 2> /dev/null || echo 0)
      [ "${now:-0}" -lt "$target" ] || continue 2
      sleep 0.05
    done
    cat load.errors 2> /dev/null | tail -n 3
    die "client $n gets no answers"
  done
}
# Sets `good` and `bad`.
stop_load() {
  touch enough
  wait "${loaders[@]}"
  good=$(cat load.[0-9] | awk '{ n += $1 } END { print n + 0 }')
  bad=$(cat load.[0-9] | awk '{ n += $2 } END { print n + 0 }')
  say "$good logins with a query each, $bad failed"
  [ "$bad" = 0 ] || { tail -n 5 load.errors | indent; die "$bad clients were not served"; }
}

scene_first_deployment() {
  step "First deployment to eight hosts"
  write_makefile
  write_inventory 1 2 3 4 5 6 7 8
  export_keys
  fleet push DRY_RUN=1
  expect_status 0
  [ -z "$(on_host 1 ls /etc/impala/conf)" ] || die "DRY_RUN=1 has brought something"
  fleet push
  expect_status 0
  expect 'push: 8 hosts: 8 done, 0 unchanged'
  local n
  for n in 1 2 3 4 5 6 7 8; do
    [ "$(sha_on "$n" $keytab)" = "$(sha256sum < "plan/$(name_of "$n")/impala.keytab" | cut -d ' ' -f 1)" ] || die "host$n has another keytab"
    [ "$(state_on "$n" $keytab)" = '400 impala:impala' ] || die "host$n: $(state_on "$n" $keytab)"
    expect_private "$n"
  done
  fleet verify
  expect_status 0
  expect 'host1.example.test: as planned; keytool verify passes there'
  expect 'host8.example.test: as planned; no keytool there'
  fleet restart
  expect_status 0
  expect 'restart: 8 hosts: 8 done, 0 failed'
  start_proxy 1 2 3 4 5 6 7 8
  start_load 2
  wait_for_load 4
  stop_load
  fleet status
  expect_status 0
  expect 'host8.example.test +[0-9a-f]{12} +1 +as planned +answers +UP +yes'
  summary+=("first deployment: 8 hosts pushed, verified, restarted; $good queries, $bad failed")
}

scene_unchanged() {
  step "Nothing has changed: no host is touched"
  local before after
  before=$(on_host 3 stat -c '%i %Z' $keytab)
  unplug 3 # whoever asked host3 would fail
  fleet push
  expect_status 0
  expect 'push: 8 hosts: 0 done, 8 unchanged and not touched, 0 failed'
  plug 3
  after=$(on_host 3 stat -c '%i %Z' $keytab)
  [ "$before" = "$after" ] || die "host3 was touched"
  summary+=("unchanged run: 0 of 8 hosts touched")
}

scene_add_host() {
  step "A ninth host"
  write_inventory 1 2 3 4 5 6 7 8 9
  export_keys
  fleet push
  expect_status 0
  expect 'push: 9 hosts: 1 done, 8 unchanged'
  expect '^host9.example.test: impala.keytab new, impalad_flags new'
  fleet restart HOSTS=host9.example.test
  expect_status 0
  summary+=("host added: 1 of 9 hosts touched")
}

# Every host's keytab changes: an entry more of the host's own.
change_all() {
  local n
  for n in "$@"; do
    kadmin cpw -randkey -keepold "impala/$(name_of "$n")"
    rm "keytabs/$(name_of "$n").keytab"
    kadmin ktadd -norandkey -k "$folder/keytabs/$(name_of "$n").keytab" "impala/$(name_of "$n")"
  done
}

scene_host_down() {
  step "A host is down: the others go on, the next run does it alone"
  change_all 1 2 3
  unplug 2
  fleet push SSH_OPTS="$impatient"
  expect_status 2
  expect 'push: 9 hosts: 2 done, 6 unchanged and not touched, 1 failed'
  expect '^  host2.example.test: ssh: connect to host host2.example.test'
  plug 2
  fleet push
  expect_status 0
  expect 'push: 9 hosts: 1 done, 8 unchanged'
  expect '^host2.example.test: impala.keytab replaced, impalad_flags same'
  summary+=("host down: 2 pushed, 1 failed and named; next run: 1 pushed, 8 untouched")
}

scene_disk_full() {
  step "A full disk: the old files stay as they are"
  change_all 4 5
  local before
  before=$(sha_on 4 $keytab)
  on_host 4 sh -c 'cat /dev/zero > /etc/impala/filler' 2> /dev/null || :
  fleet push
  expect_status 2
  expect 'push: 9 hosts: 1 done, 7 unchanged and not touched, 1 failed'
  expect '^  host4.example.test: .*(No space left|cannot be written)'
  [ "$(sha_on 4 $keytab)" = "$before" ] || die "host4's keytab has changed"
  expect_private 4
  on_host 4 rm /etc/impala/filler
  fleet push
  expect_status 0
  expect 'push: 9 hosts: 1 done, 8 unchanged'
  summary+=("disk full: old keytab untouched, 1 failed and named; next run: 1 pushed")
}

scene_wrong_mode() {
  step "A keytab that anyone may read, and one of another owner"
  on_host 6 chmod 644 $keytab
  on_host 7 chown root:root $keytab
  fleet verify
  expect_status 2
  expect '^host6.example.test: FAILED: impala.keytab has mode 644, not 400'
  expect '^host7.example.test: FAILED: impala.keytab belongs to root:root, not impala:impala'
  fleet push
  expect_status 0
  expect 'push: 9 hosts: 2 done, 7 unchanged'
  expect '^host6.example.test: impala.keytab put right \(644 impala:impala\)'
  [ "$(state_on 6 $keytab)" = '400 impala:impala' ] || die "host6: $(state_on 6 $keytab)"
  [ "$(state_on 7 $keytab)" = '400 impala:impala' ] || die "host7: $(state_on 7 $keytab)"
  fleet verify
  expect_status 0
  summary+=("wrong mode, wrong owner: found by verify, put right by push")
}

scene_rollback() {
  step "Rollback, and forward again"
  local old new
  old=$(sha_on 8 $keytab)
  change_all 8
  fleet push
  expect_status 0
  new=$(sha_on 8 $keytab)
  [ "$old" != "$new" ] || die "nothing changed on host8"
  fleet rollback HOSTS=host8.example.test BECOME=nice
  expect_status 0
  [ "$(sha_on 8 $keytab)" = "$old" ] || die "host8 has not got the old keytab back"
  [ "$(state_on 8 $keytab)" = '400 impala:impala' ] || die "host8: $(state_on 8 $keytab)"
  expect_private 8
  fleet push
  expect_status 0
  expect 'push: 9 hosts: 1 done, 8 unchanged'
  [ "$(sha_on 8 $keytab)" = "$new" ] || die "host8 has not got the new keytab again"
  summary+=("rollback: the keytab of before is back; the next push brings the plan again")
}

scene_rolling_restart() {
  step "Rolling restart under load"
  start_load 3
  wait_for_load 2
  fleet rolling-restart HOSTS='host1.example.test host2.example.test host3.example.test'
  expect_status 0
  expect 'rolling-restart: 3 of 3 restarted'
  wait_for_load 2
  stop_load
  local count=$good
  on_host 5 sh -c 'mv /etc/impala/conf/impalad_flags /etc/impala/conf/aside'
  fleet rolling-restart HOSTS='host4.example.test,host5.example.test,host6.example.test'
  expect_status 2
  expect 'host5.example.test: FAILED: .*impalad does not start'
  expect "rolling-restart HOSTS='host5.example.test host6.example.test'"
  on_host 5 mv /etc/impala/conf/aside /etc/impala/conf/impalad_flags
  fleet rolling-restart HOSTS='host5.example.test host6.example.test'
  expect_status 0
  fleet status
  expect 'host5.example.test .* UP '
  summary+=("rolling restart: 3 coordinators under load, $count queries, 0 failed; one that does not start stops it")
}

# A client that stays: its coordinator waits for it, and takes clients again when it will not leave.
scene_long_session() {
  step "Rolling restart of a coordinator that has a long session"
  local hold held
  mkfifo queries
  export KRB5CCNAME=FILE:$folder/ccache.long
  kinit -k -t alice.keytab alice
  : > long.out
  shell --connect $PROXY:21050 --query - < queries > long.out 2> long.err &
  held=$!
  exec {hold}> queries
  echo 'select 1' >&"$hold"
  wait_for_line long.out . "$held" || { indent < long.err; die "the long session gets no answer"; }
  local host
  host=$(cut -f 2 long.out).example.test
  fleet rolling-restart HOSTS="$host" DRAIN_TIMEOUT=1s
  expect_status 2
  expect "after DRAIN_TIMEOUT=1s there runs on $host still:"
  expect 'impala/host[1-8]: 1 session'
  fleet status HOSTS="$host"
  expect "$host .* UP "
  echo 'select 2' >&"$hold"
  exec {hold}>&-
  wait "$held" || die "the long session has failed"
  [ "$(wc -l < long.out)" = 2 ] || die "the long session has lost an answer"
  fleet rolling-restart HOSTS="$host"
  expect_status 0
  summary+=("a long session: not cut, named after DRAIN_TIMEOUT; restarted when it had ended")
}

scene_rotation() {
  step "A new key for the proxy's principal while clients log in"
  local rotate=(ROTATE_OPTS="--kadmin-keytab $folder/admin.keytab")
  start_load 3 fresh
  wait_for_load 2
  fleet rotate-commit "${rotate[@]}"
  [ "$status" != 0 ] || die "commit before stage"
  unplug 9
  fleet rotate-stage "${rotate[@]}" SSH_OPTS="$impatient"
  [ "$status" != 0 ] || die "host9 is not there"
  expect '^  host9.example.test: ssh'
  fleet rotate-commit "${rotate[@]}" SSH_OPTS="$impatient"
  [ "$status" != 0 ] || die "commit without host9"
  expect 'rotate-commit: refused'
  plug 9
  fleet push
  expect_status 0
  expect 'push: 9 hosts: 1 done, 8 unchanged'
  wait_for_load 2
  fleet rotate-commit "${rotate[@]}"
  expect_status 0
  wait_for_load 3
  fleet rollback HOSTS=host1.example.test
  expect_status 2
  fleet rotate-purge "${rotate[@]}"
  [ "$status" != 0 ] || die "purge while old tickets live"
  fleet rotate-purge ROTATE_OPTS="--kadmin-keytab $folder/admin.keytab --now"
  expect_status 0
  wait_for_load 2
  stop_load
  fleet push
  expect 'push: 9 hosts: 0 done, 9 unchanged'
  fleet status
  expect 'host1.example.test +[0-9a-f]{12} +2 +as planned'
  summary+=("rotation: stage, commit, purge on 9 hosts; $good logins with fresh tickets meanwhile, $bad failed")
}

# The same by another runner, to hosts that it finds out of date.
other_runner() {
  local runner=$1
  shift
  change_all 1 2
  rm plan/.fleet/host3.example.test.pushed
  fleet push RUNNER="$runner" "$@"
  expect_status 0
  expect 'push: 9 hosts: 3 done, 6 unchanged'
  expect '^host1.example.test: impala.keytab replaced, impalad_flags same'
  expect '^host3.example.test: impala.keytab same, impalad_flags same'
  expect_private 1
  fleet push RUNNER="$runner" "$@"
  expect_status 0
  expect 'push: 9 hosts: 0 done, 9 unchanged'
  fleet verify RUNNER="$runner" HOSTS='host1.example.test host2.example.test' "$@"
  expect_status 0
  summary+=("RUNNER=$runner: 3 hosts pushed, then none touched; verified")
}

scene_clush() {
  step "By ClusterShell"
  if ! command -v clush > /dev/null; then summary+=("RUNNER=clush: SKIPPED, clustershell is not installed"); return; fi
  other_runner clush
}

scene_ansible() {
  step "By Ansible"
  if ! command -v ansible-playbook > /dev/null; then summary+=("RUNNER=ansible: SKIPPED, ansible-core is not installed"); return; fi
  export ANSIBLE_HOME=$folder/ansible ANSIBLE_LOCAL_TEMP=$folder/ansible/tmp ANSIBLE_REMOTE_TEMP=/run/ansible
  other_runner ansible
}
