#!/usr/bin/env bash
# install.sh CACHE python|java...: the clients in CACHE, in the versions that requirements.txt and pom.xml name. What is
# there already, in those versions, is left alone; a half-made one is made anew.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${1:?usage: install.sh CACHE python|java...}
shift
mkdir -p "$cache"

version() { sha256sum "$1" | cut -c 1-16; }

# FOLDER of VERSION is whole: `done_with` wrote that into it last.
is_there() { [ "$(cat "$1/.version" 2> /dev/null)" = "$2" ]; }
done_with() { echo "$2" > "$1/.version"; }

install_python() {
  local folder=$cache/python wanted
  wanted=$(version "$here/requirements.txt")
  is_there "$folder" "$wanted" && return
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" --quiet install --requirement "$here/requirements.txt"
  done_with "$folder" "$wanted"
}

install_java() {
  local folder=$cache/java wanted
  wanted=$(version "$here/pom.xml")
  is_there "$folder" "$wanted" && return
  rm -rf "$folder"
  mvn --batch-mode --quiet --no-transfer-progress -Dmaven.repo.local="$cache/m2" -f "$here/pom.xml" \
    dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder"
  # Two of them would answer for one logger.
  rm -f "$folder"/slf4j-reload4j-*.jar
  done_with "$folder" "$wanted"
}

for what in "$@"; do "install_$what"; done
