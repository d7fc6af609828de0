#!/usr/bin/env bash
# install.sh CACHE python|java|hiveserver2...: the clients, or HiveServer2, in CACHE, in the versions that requirements.txt,
# pom.xml and hiveserver2.xml name. What is there already, in those versions, is left alone; a half-made one is made anew.
# With --look it downloads nothing: exit status 1 where one is not there.
set -euo pipefail

look=
[ "${1:-}" != --look ] || { look=1 && shift; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${1:?usage: install.sh [--look] CACHE python|java|hiveserver2...}
shift
[ -n "$look" ] || mkdir -p "$cache"

version() { sha256sum "$1" | cut -c 1-16; }

# FOLDER of VERSION is whole: `done_with` wrote that into it last.
is_there() { [ "$(cat "$1/.version" 2> /dev/null)" = "$2" ]; }
done_with() { echo "$2" > "$1/.version"; }

# Whether FOLDER is to be made anew in VERSION; with --look nothing is made.
is_wanted() {
  ! is_there "$1" "$2" || return 1
  [ -z "$look" ] || { echo "$1 is not there in the wanted versions: make -f Makefile.deploy check-clients" && exit 1; }
  rm -rf "$1"
}

install_python() {
  local folder=$cache/python wanted
  wanted=$(version "$here/requirements.txt")
  is_wanted "$folder" "$wanted" || return 0
  python3 -m venv "$folder"
  "$folder/bin/pip" --quiet install --requirement "$here/requirements.txt"
  done_with "$folder" "$wanted"
}

# The jars that POM names, in a folder of CACHE.
install_jars() {
  local folder=$cache/$1 pom=$here/$2 wanted
  wanted=$(version "$pom")
  is_wanted "$folder" "$wanted" || return 0
  mvn --batch-mode --quiet --no-transfer-progress -Dmaven.repo.local="$cache/m2" -f "$pom" \
    dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder"
  # Two of them would answer for one logger; Hadoop's classes would be there twice.
  rm -f "$folder"/slf4j-reload4j-*.jar "$folder"/hadoop-client-{api,runtime}-*.jar
  done_with "$folder" "$wanted"
}

install_java() { install_jars java pom.xml; }
install_hiveserver2() { install_jars hiveserver2 hiveserver2.xml; }

for what in "$@"; do "install_$what"; done
