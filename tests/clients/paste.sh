# What keytool prints, in the hands of the client that it is for. Sourced by clients.sh.

tries=0
failures=0

# The option of the JVM that keytool's own note gives.
java_option() { settings beeline proxy | grep -oE -- '-Djavax[^ ]+'; }

# A JVM looks at neither KRB5_CONFIG nor a cluster's configuration that is not on its class path.
configure_java() {
  is_wanted beeline jdbc || return 0
  cat > "$CLIENTS_CONF/core-site.xml" << EOF
<configuration>
  <property><name>hadoop.security.authentication</name><value>kerberos</value></property>
</configuration>
EOF
  echo 'log4j.rootLogger=OFF' > "$CLIENTS_CONF/log4j.properties"
  local package opens=()
  for package in java.lang java.util java.util.concurrent java.net java.nio; do
    opens+=("--add-opens=java.base/$package=ALL-UNNAMED")
  done
  export JAVA_TOOL_OPTIONS="-Djava.security.krb5.conf=$KRB5_CONFIG $(java_option) ${opens[*]}"
}

# The settings that keytool prints for CLIENT on PATH, without the newline at their end.
settings() {
  local client=$1 path=$2
  case $path in
    proxy | pass | verify | late) keytool client --for "$client" --proxy "$PROXY:$JDBC_PORT" ;;
    direct)
      keytool client --for "$client" --proxy "$PROXY:$JDBC_PORT" --via "host1.example.test:${coordinator_port[host1]}"
      ;;
  esac
}

# A command line: the query's option stands behind what was printed.
paste_impala_shell() { timeout 120 bash -c "$1 -q '$2'"; }
paste_beeline() { timeout 120 bash -c "$1 -e '$2'"; }

paste_impyla() {
  local query
  printf -v query 'cursor = connection.cursor()\ncursor.execute("%s")\nprint(*cursor.fetchone(), sep="\\t")' "$2"
  timeout 120 python -c "$1"$'\n\n'"$query"
}

paste_jdbc() { timeout 120 java -cp "$CLIENTS_CONF:$CLIENTS_JAVA/*" "$here/Query.java" "$1" "$2"; }

paste_hue() {
  printf '%s\n' "$1" > hue.ini
  timeout 120 python "$here/hue.py" hue.ini "$2"
}

row() { printf '   %-13s %-7s %s\n' "$1" "$2" "$3"; }

passed() {
  tries=$((tries + 1))
  row "$@"
}

failed() {
  tries=$((tries + 1))
  failures=$((failures + 1))
  row "$1" "$2" FAILED
  indent < "$1-$2.txt"
}

# CLIENT on PATH is answered its own statement by a coordinator that knows the user: by any of the three through the
# proxy, past it by host1.
try_query() {
  local client=$1 path=$2 text host wanted='host[123]' sql="select 1 as ${1//-/_}_$2"
  [ "$path" != direct ] || wanted=host1
  if text=$(settings "$client" "$path" 2> "$client-$path.txt") &&
    "paste_${client//-/_}" "$text" "$sql" >> "$client-$path.txt" 2>&1 &&
    ! grep -qi '^error' "$client-$path.txt" &&
    host=$(grep -F "alice@$REALM" "$client-$path.txt" | grep -F "$sql" | grep -om1 "$wanted"); then
    passed "$client" "$path" "ok: $host answered alice@$REALM"
  else
    failed "$client" "$path"
  fi
}

# Hue asks for the name that it connects to, so past the proxy keytool prints nothing for it.
try_hue_refusal() {
  local status=0
  settings hue direct > hue-direct.txt 2>&1 || status=$?
  if [ "$status" = 2 ]; then
    passed hue direct "ok: refused, as docs/clients.md says"
  else
    failed hue direct
  fi
}

# unixODBC reads the section as it was meant; no driver is loaded. Values end at a semicolon or a line's end.
read_odbc() {
  settings odbc "$1" > odbc.ini
  export ODBCINI=$folder/odbc.ini
  odbcinst -q -s | grep -qxF '[Impala]'
  diff <(grep -vE '^(#|\[|$)' odbc.ini) <(odbcinst -q -s -n Impala | grep -vxF '[Impala]')
}

try_odbc() {
  if ! command -v odbcinst > /dev/null; then
    row odbc "$1" "SKIPPED: no odbcinst here (make -f Makefile.deploy deps-clients)"
  elif read_odbc "$1" > "odbc-$1.txt" 2>&1; then
    passed odbc "$1" "ok: read by unixODBC; not connected: Cloudera's driver is not free to download"
  else
    failed odbc "$1"
  fi
}

try_client() {
  case $1 in
    impala-shell | impyla | beeline | jdbc) try_query "$1" proxy && try_query "$1" direct ;;
    hue) try_query hue proxy && try_hue_refusal ;;
    odbc) try_odbc proxy && try_odbc direct ;;
    simba-jdbc) row simba-jdbc - "SKIPPED: Cloudera's driver is not free to download" ;;
    *) die "unknown client '$1'" ;;
  esac
}

# The proxy treats logins so from now on.
set_login() {
  local before
  before=$(reloads)
  sed -i '/kerberos login/d; s/^    option redispatch$/&\n    kerberos login '"$1"'/' proxy.cfg
  kill -HUP "$proxy_pid"
  timeout 20 bash -c 'until [ "$(grep -c "^configuration reloaded" proxy.log)" -gt "$1" ]; do sleep 0.05; done' - "$before" ||
    { indent < proxy.log; die "the proxy does not take kerberos login $1"; }
}

reloads() { grep -c '^configuration reloaded' proxy.log || true; }

# A client through the proxy in a way of login that is not the default.
try_login() {
  case $1 in
    impala-shell | impyla | beeline | jdbc | hue) try_query "$1" "$2" ;;
  esac
}

# Hue's pattern, in a realm of its own.
try_pool() {
  if "$here/products.sh" "$build" "$folder/pool" pool > hue-pool.txt 2>&1; then
    passed hue pool "ok: any of 10 connections, under source, principal, and late with leastconn while fresh"
  else
    failed hue pool
  fi
}

# Ctrl-C in impala-shell: it logs in anew and cancels the query of its first connection. Under leastconn the new one goes
# to another coordinator than the query, and in login late the call finds its way all the same.
try_interrupt() {
  local out=$folder/impala-shell-ctrl-c.txt text pid
  text=$(JDBC_PORT=$SHELL_PORT settings impala-shell proxy 2> "$out")
  # A command in the background ignores SIGINT unless it is told otherwise.
  env --default-signal=INT bash -c "exec $text -q 'select sleep(600000)'" >> "$out" 2>&1 &
  pid=$!
  timeout 30 bash -c 'until grep -qi "^query" "$1"; do sleep 0.05; done' - "$out" || true
  kill -INT "$pid"
  if timeout 30 tail --pid="$pid" -s 0.1 -f /dev/null && grep -qi cancel "$out"; then
    passed impala-shell ctrl-c "ok: $(grep -im1 cancel "$out")"
  else
    kill "$pid" 2> /dev/null || true
    failed impala-shell ctrl-c
  fi
}
