#!/bin/sh
# Installs the system packages that the build and the tests need and that are missing: zlib, libpcap, libyaml and
# libcrypto with their headers, and python3 for the independent checker. Says what it does; does nothing when all is there.
set -eu

missing=""
have_header() { printf '#include <%s>\n' "$1" | cc -E -x c - >/dev/null 2>&1 || printf '#include <%s>\n' "$1" | clang -E -x c - >/dev/null 2>&1; }

have_header zlib.h || missing="$missing zlib1g-dev"
have_header pcap/pcap.h || missing="$missing libpcap-dev"
have_header yaml.h || missing="$missing libyaml-dev"
have_header openssl/sha.h || missing="$missing libssl-dev"
command -v python3 >/dev/null 2>&1 || missing="$missing python3"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "Missing system packages (Debian's names):$missing"
  case "$(uname -s)" in
    Darwin) echo "Install the Xcode command line tools (they hold zlib, libpcap and python3): xcode-select --install; libyaml and libcrypto: brew install libyaml openssl@3" ;;
    *) echo "Install zlib, libpcap, libyaml and OpenSSL with their headers, and Python 3, with this system's package manager, for instance:"
       echo "  dnf install zlib-devel libpcap-devel libyaml-devel openssl-devel python3    or    apk add zlib-dev libpcap-dev yaml-dev openssl-dev python3" ;;
  esac
  exit 2
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "Missing system packages:$missing. Neither root nor sudo is at hand; as root run: apt-get install$missing"
    exit 2
  fi
  as_root="sudo"
fi
echo "Installing missing system packages:$missing"
# shellcheck disable=SC2086 # both are lists of words
{
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing
} >/dev/null || { echo "apt-get could not install:$missing. Install them by hand and try again."; exit 2; }
