#!/bin/sh
# page.sh PROGRAM SOURCE VERSION: the manual page SOURCE with PROGRAM's own commands and options where it says @COMMANDS@
# (keytool) or @OPTIONS@ (proxy), on standard output.
set -eu

program=$1 source=$2 version=$3
here=$(dirname "$0")
known=$(basename "$program")
# The day of a release belongs to the release; SOURCE_DATE_EPOCH is the packager's.
day=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%d)

help_of() {
  awk -v program="kerbgate-$known" -v known="$known" -v only="$1" -f "$here/help.awk"
}

# Without a word keytool says which commands there are.
commands() {
  "$program" 2>&1 | sed -n 's/^commands: //p'
}

while IFS= read -r line; do
  case $line in
    @COMMANDS@)
      for command in $(commands); do
        printf '.SS %s\n' "$command"
        "$program" "$command" --help | help_of ''
      done
      ;;
    @OPTIONS@) "$program" --help | help_of options ;;
    *) printf '%s\n' "$line" | sed "s/@VERSION@/$version/; s/@DATE@/$day/" ;;
  esac
done < "$source"
