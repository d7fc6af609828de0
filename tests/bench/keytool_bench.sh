#!/bin/bash
# keytool_bench.sh PROGRAMS: list, read and merge of large keytabs, and plans of many hosts, by the keytool in the
# directory PROGRAMS. Prints figures and fails only when an answer is wrong. ENTRIES and HOSTS in the environment are the
# sizes; files lie below TMPDIR, whose disk counts.
set -euo pipefail
programs=$1
entries=${ENTRIES:-10000 100000 300000 1000000}
hosts=${HOSTS:-1000 10000}
keytool=$programs/keytool
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "keytool_bench: $*" >&2; exit 1; }
# The best of three runs by the wall clock: "WALL CPU PEAK".
best() { for _ in 1 2 3; do "$programs/measure" "$@"; done | sort -n | head -1; }
row() { # NAME COUNT "WALL CPU PEAK"
  awk -v name="$1" -v n="$2" -v figures="$3" 'BEGIN {
    split(figures, f, " ")
    printf "%-18s %9d %10.1f %10.1f %10.3f %10.1f\n", name, n, f[1], f[2], 1000 * f[1] / n, f[3] / 1024 }'
}

printf '%-18s %9s %10s %10s %10s %10s\n' command entries 'wall ms' 'CPU ms' 'us each' 'peak MiB'
for n in $entries; do
  half=$((n / 2))
  "$programs/make_keytab" "$work/a" "$half" 0
  "$programs/make_keytab" "$work/b" $((n - half)) "$half"
  "$programs/make_keytab" "$work/whole" "$n" 0
  row list "$n" "$(best "$keytool" list "$work/whole")"
  row read "$n" "$(best "$keytool" read "$work/whole")"
  row merge "$n" "$(best "$keytool" merge "$work/a" "$work/b" -o "$work/merged")"
  # Order and every field are kept, so the merged file is the one that was cut in two, to the byte.
  cmp "$work/merged" "$work/whole" || fail "the merge of $n entries is not what was put in"
  rm "$work"/*
done

printf '\n%-18s %9s %10s %10s %10s %10s\n' command hosts 'wall ms' 'CPU ms' 'us each' 'peak MiB'
for n in $hosts; do
  "$programs/make_cluster" "$work/$n" "$n"
  plan=("$keytool" plan --inventory "$work/$n/inventory" --proxy proxy.example.com --keytabs "$work/$n/keytabs"
        --realm EXAMPLE.COM --out)
  row 'plan --dry-run' "$n" "$(best "${plan[@]}" "$work/$n/none" --dry-run)"
  row 'plan --jobs 1' "$n" "$("$programs/measure" "${plan[@]}" "$work/$n/one" --jobs 1)"
  row plan "$n" "$("$programs/measure" "${plan[@]}" "$work/$n/out")"
  row 'plan, no change' "$n" "$(best "${plan[@]}" "$work/$n/out")"
  diff -r "$work/$n/one" "$work/$n/out" || fail "side by side and one by one are not the same"
  written=$(find "$work/$n/out" -name impala.keytab -type f | wc -l)
  [[ $written == "$n" ]] || fail "$written of $n keytabs written"
  rm -r "$work/${n:?}"
done
