#!/bin/sh
# Makes a root filesystem of this host's own files, as a tar archive: the tests' own are downloads.
#
# Usage: rootfs.sh busybox|glibc ARCHIVE
#
# busybox: /bin/busybox of busybox-static under all its names. glibc: a shell, grep and ldconfig with
# the libraries they load, for tests that watch the dynamic linker.
set -eu

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT INT TERM
umask 022
mkdir -p "$root/bin" "$root/dev" "$root/etc" "$root/home" "$root/lib" "$root/proc" "$root/root" \
  "$root/sbin" "$root/sys" "$root/tmp" "$root/usr/bin" "$root/usr/sbin" "$root/var"
chmod 755 "$root"
chmod 1777 "$root/tmp"
echo 'root:x:0:0:root:/root:/bin/sh' > "$root/etc/passwd"
echo 'root:x:0:' > "$root/etc/group"

# with_libraries PROGRAM TARGET
with_libraries() {
  cp -L "$1" "$root/$2"
  ldd "$1" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root/$(dirname "$library")"
    cp -L "$library" "$root/$library"
  done
}

case $1 in
  busybox)
    cp -L "$(command -v busybox)" "$root/bin/busybox"
    for name in $(busybox --list); do
      [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"
    done
    ;;
  glibc)
    with_libraries "$(command -v dash)" bin/sh
    with_libraries "$(command -v grep)" bin/grep
    with_libraries /sbin/ldconfig sbin/ldconfig
    mkdir -p "$root/var/cache/ldconfig"
    ;;
esac
tar -C "$root" --sort=name -cf "$2" .
