#!/bin/bash
# run.sh PROGRAMS SECONDS: every fuzz target of the directory PROGRAMS from its corpus in the repository, two at a time:
# SECONDS for each that reads what people and disks give keytool, a third of that for the others. What a target wrote
# stays in PROGRAMS/run; a finding's input is there as well, and its report is printed.
set -euo pipefail
programs=$(cd "$1" && pwd) seconds=$2
cd "$(dirname "${BASH_SOURCE[0]}")"
full='keytab_scan ktutil inventory flagfile'

run_one() { # NAME SECONDS
  local target=$programs/fuzz_$1 work=$programs/run/$1 seeds=()
  rm -rf "$work" && mkdir -p "$work/corpus"
  for folder in "corpus/$1" "corpus/fuzz_$1"; do [ ! -d "$folder" ] || seeds+=("$folder"); done
  if "$target" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
      -artifact_prefix="$work/" "$work/corpus" "${seeds[@]}" >"$work/log" 2>&1; then
    echo "fuzz_$1: $(awk '/number_of_executed_units/ {print $2}' "$work/log") runs in $2 s, nothing found"
  else
    cat "$work/log"
    echo "fuzz_$1: FAILED; the input is in $work"
    return 1
  fi
}
export -f run_one
export programs

for target in "$programs"/fuzz_*; do
  [[ -x $target && -f $target ]] || continue
  name=${target##*/fuzz_}
  if [[ " $full " == *" $name "* ]]; then echo "$name $seconds"; else echo "$name $(((seconds + 2) / 3))"; fi
done | sort -k2,2nr -k1,1 | xargs -P 2 -L 1 bash -c 'run_one "$@"' fuzz
