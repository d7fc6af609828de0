#!/usr/bin/env bash
# package.sh BUILD_DIR: the Debian package of what is built holds both programs, their manual pages and completion, says what it
# depends on, and its programs run.
set -euo pipefail
build=$(cd "${1:?usage: package.sh BUILD_DIR}" && pwd)
for program in dpkg-deb dpkg-shlibdeps cpack; do
  command -v "$program" > /dev/null || { echo "SKIPPED: $program is not installed"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cpack -G DEB --config "$build/CPackConfig.cmake" -B "$folder/made"
package=$(echo made/*.deb)
dpkg-deb --info "$package"
dpkg-deb -x "$package" tree
fail() { echo "package.sh: $*" >&2; exit 1; }
for file in usr/bin/kerbgate-keytool usr/sbin/kerbgate-proxy usr/share/man/man1/kerbgate-keytool.1 \
  usr/share/man/man8/kerbgate-proxy.8 usr/lib/systemd/system/kerbgate-proxy.service \
  usr/share/bash-completion/completions/kerbgate-{keytool,proxy} usr/share/zsh/site-functions/_kerbgate-{keytool,proxy} \
  usr/share/fish/vendor_completions.d/kerbgate-{keytool,proxy}.fish; do
  compgen -G "tree/$file*" > /dev/null || { find tree >&2; fail "$file is not in it"; }
done
dpkg-deb -f "$package" Depends | grep -q 'libkrb5-3' || fail "it does not depend on libkrb5-3"
[ "$(tree/usr/bin/kerbgate-keytool --version | head -n 1)" = "$("$build/keytool" --version | head -n 1)" ] || fail "another keytool"
! readelf -S tree/usr/bin/kerbgate-keytool | grep -q debug_info || fail "the programs hold debugging symbols"
tree/usr/sbin/kerbgate-proxy -v > /dev/null
