#!/bin/sh
# Fetches and builds what the parity run needs, into the directory CACHE, once.
#
# Usage: prepare.sh CACHE [RUNTIME_TOOLS]
#
# The sources are Debian's own source packages, fetched with a list of sources of this script's
# making: the host's apt configuration stays as it is, and nothing of theirs is part of this
# project. RUNTIME_TOOLS names an unpacked source tree of runtime-tools, for hosts whose mirror lacks
# that package. Leaves CACHE/runc and CACHE/validation, either only where it could be had.
set -eu

cache=$(realpath -m "$1")
tools_tree=${2:-}
here=$(dirname "$(realpath "$0")")
mkdir -p "$cache"
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

say() { echo "prepare: $*" >&2; }

# Debian's lists of binary packages, as lists of source packages: both formats, every file.
source_lists() {
  for list in /etc/apt/sources.list.d/*.sources; do
    [ -f "$list" ] || continue
    echo
    sed 's/^Types:.*/Types: deb-src/' "$list"
  done > "$work/all.sources"
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$list" ] || continue
    sed -n 's/^deb\(-src\)\{0,1\}[[:space:]]/deb-src /p' "$list"
  done > "$work/all.list"
}

# fetch PACKAGE VERSION DIRECTORY: VERSION may be empty, for the newest.
fetch() {
  mkdir -p "$work/lists/partial" "$work/archives" "$3"
  for list in "$work/all.sources" "$work/all.list"; do
    [ -s "$list" ] || continue
    set -- "$1" "$2" "$3" -o "Dir::Etc::sourcelist=$list" -o Dir::Etc::sourceparts=- \
      -o "Dir::State::lists=$work/lists" -o APT::Sandbox::User=root -o Dir::Cache::pkgcache= \
      -o Dir::Cache::srcpkgcache= -o APT::Get::List-Cleanup=false
    package=$1 version=$2 directory=$3
    shift 3
    apt-get "$@" -qq update >&2 || say "apt-get update failed for $list"
    if (cd "$directory" && apt-get "$@" -qq source --download-only \
        "$package${version:+=$version}" >&2); then
      return 0
    fi
    set -- "$package" "$version" "$directory"
  done
  return 1
}

# A function whose result is tested runs without `set -e`: each step says what its failure means.

# In GOPATH mode Debian's packages serve every import, and no network is asked.
go_build() {
  GO111MODULE=off GOFLAGS='' GOPATH="$work/go:/usr/share/gocode" GOCACHE="$work/gocache" \
    go build "$@"
}

runc() {
  # The tests of the very runc that is installed, where the archive still has it.
  version=$(dpkg-query -W -f '${source:Version}' runc 2>/dev/null || true)
  fetch runc "$version" "$work/dl" || fetch runc '' "$work/dl" || return 1
  tree=$work/go/src/github.com/opencontainers/runc
  mkdir -p "$tree"
  tar -xf "$work"/dl/runc_*.orig.tar.* -C "$tree" --strip-components=1 || return 1
  for tool in recvtty sd-helper seccompagent; do
    (cd "$tree/contrib/cmd/$tool" && go_build -tags seccomp -o "$tool" .) || return 1
  done
  arch=$(go env GOARCH)
  sh "$here/rootfs.sh" busybox "$tree/tests/integration/testdata/busybox-$arch.tar.xz" || return 1
  sh "$here/rootfs.sh" glibc "$tree/tests/integration/testdata/debian-$arch.tar.xz" || return 1
  mv "$tree" "$cache/runc"
}

runtime_tools() {
  tree=$work/go/src/github.com/opencontainers/runtime-tools
  mkdir -p "$tree" "$work/validation"
  if [ -n "$tools_tree" ]; then
    cp -R "$tools_tree/." "$tree" || return 1
  else
    fetch golang-github-opencontainers-runtime-tools '' "$work/dl-tools" || return 1
    tar -xf "$work"/dl-tools/*.orig.tar.* -C "$tree" --strip-components=1 || return 1
  fi
  # Debian's source package comes without the libraries beside it, and one has no package.
  if [ ! -d "$tree/vendor/github.com/mndrix/tap-go" ]; then
    mkdir -p "$work/go/src/github.com/mndrix/tap-go"
    cp "$here/tap-go/tap.go" "$work/go/src/github.com/mndrix/tap-go/" || return 1
  fi
  (cd "$tree" && CGO_ENABLED=0 go_build -o "$work/validation/runtimetest" ./cmd/runtimetest) ||
    return 1
  for program in "$tree"/validation/*/; do
    name=$(basename "$program")
    [ "$name" != util ] || continue
    (cd "$program" && go_build -o "$work/validation/$name.t" .) || say "cannot build $name"
  done
  [ -n "$(find "$work/validation" -name '*.t' -print -quit)" ] || return 1
  sh "$here/rootfs.sh" busybox "$work/validation/rootfs-$(go env GOARCH).tar.gz" || return 1
  mv "$work/validation" "$cache/validation"
}

source_lists
if [ ! -e "$cache/runc" ]; then
  runc || say "runc's tests cannot be had here"
fi
if [ ! -e "$cache/validation" ]; then
  runtime_tools || say "runtime-tools cannot be had here"
fi
[ -e "$cache/runc" ] || [ -e "$cache/validation" ]
