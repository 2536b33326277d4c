#!/bin/sh
# Builds the benchmark optimised, and runs it with a counter of allocations preloaded.
set -eu
cd "$(dirname "$0")"

swift build -c release --product decode-benchmark
count=.build/malloc_count.so
if [ "$(uname -s)" = Linux ] && command -v cc >/dev/null 2>&1; then
  cc -O2 -shared -fPIC -o "$count" malloc-count/malloc_count.c
  LD_PRELOAD="$PWD/$count" .build/release/decode-benchmark
else
  echo "Allocations are counted on Linux with a C compiler (cc) only."
  .build/release/decode-benchmark
fi
