# SELinux, as far as a kernel without it shows: which of its tools are called on a host, when, and with what. The tools are
# stand-ins that write down how they are called and what was in place at that moment. Sourced.

put_selinux_tools() {
  local tool
  for tool in restorecon chcon matchpathcon; do
    on_host "$1" sh -c "cat > /usr/local/bin/$tool && chmod 755 /usr/local/bin/$tool" << EOF
#!/bin/sh
[ $tool != matchpathcon ] || { echo system_u:object_r:policy_t:s0; exit; }
echo "$tool \$* \$(sha256sum < $keytab | cut -c 1-12)" >> /usr/local/selinux.log
[ ! -e /usr/local/selinux-fails-$tool ]
EOF
  done
  on_host "$1" sh -c 'printf "#!/bin/sh\n[ -e /usr/local/selinux-on ]\n" > /usr/local/bin/selinuxenabled && chmod 755 /usr/local/bin/selinuxenabled'
}

scene_labels() {
  step "SELinux labels, where there are any"
  local before new
  put_selinux_tools 3
  change_all 3
  fleet push
  expect_status 0
  ! on_host 3 test -e /usr/local/selinux.log || die "SELinux is off on host3, and its tools were called"

  on_host 3 touch /usr/local/selinux-on
  before=$(sha_on 3 $keytab | cut -c 1-12)
  change_all 3
  fleet push
  expect_status 0
  new=$(sha_on 3 $keytab | cut -c 1-12)
  on_host 3 cat /usr/local/selinux.log > said
  indent < said
  expect "^chcon --reference=$keytab /etc/impala/conf/.kerbgate.[A-Za-z0-9]*/keytab $before\$"
  expect "^restorecon $keytab $new\$"

  # A flagfile that is not there yet: the policy's label.
  on_host 3 rm /usr/local/selinux.log /etc/impala/conf/impalad_flags
  rm plan/.fleet/host3.example.test.pushed
  fleet push
  expect_status 0
  on_host 3 cat /usr/local/selinux.log > said
  expect '^chcon system_u:object_r:policy_t:s0 /etc/impala/conf/.kerbgate.[A-Za-z0-9]*/impalad_flags '

  # A label that cannot be had: nothing is changed.
  on_host 3 touch /usr/local/selinux-fails-chcon
  change_all 3
  fleet push
  expect_status 2
  expect '^  host3.example.test: .*impala.keytab: its SELinux label cannot be set; the files in place are untouched'
  [ "$(sha_on 3 $keytab | cut -c 1-12)" = "$new" ] || die "host3's keytab has changed"
  on_host 3 rm /usr/local/selinux-fails-chcon /usr/local/selinux-on
  fleet push
  expect_status 0
  summary+=("SELinux: labelled before the rename and by the policy after it, not at all where it is off (tools are stand-ins)")
}
