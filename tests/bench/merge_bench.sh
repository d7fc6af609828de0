#!/bin/bash
# merge_bench.sh KEYTOOL MAKE_KEYTAB [ENTRIES]: merges two keytabs of ENTRIES/2 entries with keytool (median of 7 whole
# processes) and with MIT ktutil (rkt, rkt, wkt, once), and prints both times and the ratio. ENTRIES is 20000 unless
# given here or as N in the environment; ktutil's time grows with its square, so N=5000 is the quick run.
set -euo pipefail
keytool=$1 make_keytab=$2 entries=${3:-${N:-20000}}
rounds=7
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
half=$((entries / 2))
"$make_keytab" "$directory/a" "$half" 0
"$make_keytab" "$directory/b" "$half" "$half"

# Milliseconds that a command takes, with three decimals.
milliseconds() {
  local begin end
  begin=$(date +%s%N)
  "$@" >"$directory/said" 2>&1 || { cat "$directory/said" >&2; return 1; }
  end=$(date +%s%N)
  awk -v ns=$((end - begin)) 'BEGIN { printf "%.3f\n", ns / 1e6 }'
}

for ((round = 0; round < rounds; ++round)); do
  rm -f "$directory/out"
  milliseconds "$keytool" merge "$directory/a" "$directory/b" -o "$directory/out"
done | sort -n >"$directory/times"
ours=$(sed -n "$((rounds / 2 + 1))p" "$directory/times")
written=$("$keytool" list "$directory/out" | tail -n +2 | wc -l)
[[ $written == $((2 * half)) ]] || { echo "merge_bench: $written of $((2 * half)) entries written" >&2; exit 1; }
echo "keytool merge, $written entries: median of $rounds ${ours} ms ($(head -1 "$directory/times") to $(tail -1 "$directory/times"))"

if ! command -v ktutil >/dev/null; then
  echo "ktutil: SKIPPED, not installed (krb5-user)"
  exit 0
fi
merge_with_ktutil() {
  printf 'rkt %s\nrkt %s\nwkt %s\nquit\n' "$directory/a" "$directory/b" "$directory/ktutil.out" | ktutil
}
theirs=$(milliseconds merge_with_ktutil)
listed=$("$keytool" list "$directory/ktutil.out" | tail -n +2 | wc -l)
echo "ktutil rkt rkt wkt, $listed entries: ${theirs} ms"
awk -v a="$theirs" -v b="$ours" 'BEGIN { printf "ratio: %.0f\n", a / b }'
