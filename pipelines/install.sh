#!/bin/sh
# Installs a release of wireproof: fetches its archive, holds it against SHA256SUMS, and unpacks it.
#
#   install.sh ADDRESS VERSION [PREFIX]
#
# ADDRESS is the folder with the files of the release, https:// or file://; PREFIX is where to (/usr/local).
set -eu

address=${1:?the address of the folder with the files of the release}
version=${2:?the version}
prefix=${3:-/usr/local}
case "$(uname -s)" in
  Linux) ;;
  *) echo "there are releases for Linux only; on $(uname -s) build from source: make install" >&2; exit 2 ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) cpu=x86_64 ;;
  aarch64 | arm64) cpu=aarch64 ;;
  *) echo "there is no release for $(uname -m); build from source: make install" >&2; exit 2 ;;
esac
archive=wireproof-$version-linux-$cpu.tar.gz
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
for file in "$archive" SHA256SUMS; do
  curl --fail --silent --show-error --location --retry 3 --output "$place/$file" "$address/$file" || {
    echo "$address/$file cannot be fetched: look at the address and the version $version" >&2
    exit 2
  }
done
(cd "$place" && grep " $archive\$" SHA256SUMS | sha256sum --check --quiet) || {
  echo "$archive is not the file that SHA256SUMS names: fetch it again, and do not run it" >&2
  exit 2
}
mkdir -p "$prefix"
tar -xzf "$place/$archive" -C "$prefix" --strip-components=1
"$prefix/bin/wireproof" --version
