# What the demo says, and how it runs things: what it starts ends with it. Sourced.

step_number=0
children=()

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi

step() {
  step_number=$((step_number + 1))
  printf '\n%s%d. %s%s\n' "$bold" "$step_number" "$*" "$plain"
}
say() { printf '   %s\n' "$*"; }
indent() { sed "s/^/     $dim| /; s/\$/$plain/"; }
die() {
  printf '\n%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
  exit 1
}

# The command, then what it prints.
show() {
  printf '   $ %s\n' "$*"
  "$@" 2>&1 | indent
}

# The command, and its output into a file.
show_into() {
  local file=$1
  shift
  printf '   $ %s > %s\n' "$*" "$file"
  "$@" > "$file"
}

need_programs() {
  local name
  for name in "$@"; do
    command -v "$name" > /dev/null || die "$name is missing: make -f Makefile.deploy deps build"
  done
}

# Runs a command in the background, its output in FILE; it ends with this script, however that ends.
background() {
  local file=$1
  shift
  : > "$file" # now, so that whoever follows it finds it
  setpriv --pdeathsig KILL -- "$@" >> "$file" 2>&1 &
  children+=($!)
}

stop_all() {
  local pid
  for pid in "${children[@]}"; do kill "$pid" 2> /dev/null || true; done
  for pid in "${children[@]}"; do
    timeout 5 tail -s 0.05 -f --pid="$pid" /dev/null || kill -KILL "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
  done
}

trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Waits until FILE, which process PID writes, has a line that matches.
wait_for_line() {
  local file=$1 pattern=$2 pid=$3 lines follower found=0
  exec {lines}< <(exec tail -n +1 -s 0.05 -f --pid="$pid" "$file" 2> /dev/null)
  follower=$!
  timeout 20 grep -Eqm1 -e "$pattern" <&"$lines" || found=1
  kill "$follower" 2> /dev/null || true
  exec {lines}<&-
  return "$found"
}

# Whether someone listens on a TCP port of this host.
is_listening() {
  local hex
  printf -v hex '%04X' "$1"
  grep -qhE "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F]+:0000 0A" /proc/net/tcp /proc/net/tcp6 2> /dev/null
}

# The first free port from PORT on.
free_port() {
  local port=$1
  while is_listening "$port"; do port=$((port + 1)); done
  echo "$port"
}
