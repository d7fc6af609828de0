# Two operators, and runs that died. Sourced.

lock=/etc/impala/conf/.kerbgate-lock

# What a run of somebody else's leaves on host $1 while it has it; $2: how old.
lock_by_bob() {
  on_host "$1" sh -c "printf 'bob@elsewhere:/plan\tpush\t2026-01-31T12:00:00Z\n' > $lock && touch -d '$2' $lock"
}
expect_unlocked() { ! on_host "$1" test -e $lock || die "host$1 is locked yet: $(on_host "$1" cat $lock)"; }

# A restart of host1 that waits in RESTART_CMD until end_far_command.
start_long_run() {
  on_host 1 sh -c 'rm -f /usr/local/pipe /usr/local/began; mkfifo /usr/local/pipe'
  setsid make --no-print-directory restart HOSTS=host1.example.test RESTART_CMD='touch /usr/local/began; cat /usr/local/pipe' > long.run 2>&1 &
  long_run=$!
  local look
  for look in {1..400}; do
    ! on_host 1 test -e /usr/local/began || return 0
    sleep 0.05
  done
  indent < long.run
  die "the long run does not begin"
}
end_far_command() { on_host 1 sh -c 'echo > /usr/local/pipe'; }

scene_two_operators() {
  step "Another operator's run has a host: nothing is changed anywhere"
  local before
  change_all 2 3
  before=$(sha_on 2 $keytab)
  lock_by_bob 3 now
  fleet push
  expect_status 2
  expect '^  host3.example.test: bob@elsewhere:/plan \(push, since 2026-01-31T12:00:00Z\) has it'
  expect "^push: refused, and nothing was changed: 1 of 2 hosts in another run's hands"
  [ "$(sha_on 2 $keytab)" = "$before" ] || die "host2 was changed"
  expect_unlocked 2
  fleet restart HOSTS=host3.example.test
  expect_status 2
  fleet rolling-restart HOSTS=host3.example.test
  expect_status 2
  fleet rollback HOSTS=host3.example.test
  expect_status 2
  expect 'rollback: refused'
  fleet push FORCE=1
  expect_status 0
  expect '^host3.example.test: the lock of bob@elsewhere:/plan .* is taken over'
  expect 'push: 9 hosts: 2 done, 7 unchanged'
  expect_unlocked 3

  step "A lock that is older than LOCK_AGE is a dead run's"
  lock_by_bob 3 '2 hours ago'
  fleet restart HOSTS=host3.example.test LOCK_AGE=3h
  expect_status 2
  fleet restart HOSTS=host3.example.test LOCK_AGE=90m
  expect_status 0
  expect 'the lock of bob@elsewhere:/plan'
  expect_unlocked 3

  step "Two runs at a time, of one OUT and of two"
  start_long_run
  fleet push
  expect_status 2
  expect "^push: plan is in the hands of root@admin.example.test:$folder/plan \(restart, since 2.*Z\): wait for its end"
  fleet restart OUT=plan2 HOSTS=host1.example.test
  expect_status 2
  expect "^  host1.example.test: root@admin.example.test:$folder/plan \(restart, since 2.*Z\) has it"
  fleet status
  expect_status 0
  end_far_command
  wait $long_run || { indent < long.run; die "the long run has failed"; }
  expect_unlocked 1

  step "A run that was killed"
  start_long_run
  kill -KILL -- -$long_run
  wait $long_run || :
  on_host 1 test -s $lock || die "the lock has gone with the run"
  end_far_command
  fleet restart OUT=plan2 HOSTS=host1.example.test
  expect_status 2
  fleet restart HOSTS=host1.example.test
  expect_status 0
  expect_unlocked 1
  summary+=("two operators: refused before anything changes; a dead run's lock goes by FORCE=1, by age, or with the next run of its OUT")
}
