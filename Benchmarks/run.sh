#!/bin/sh
# Builds the benchmark optimised, and runs it with a counter of allocations preloaded.
set -eu
cd "$(dirname "$0")"

command -v swift >/dev/null 2>&1 || { echo "Benchmarks: swift is not on the PATH; install Swift 6.3."; exit 2; }
swift build -c release --product decode-benchmark || {
  echo "Benchmarks: the build failed, see above; the first one fetches the package's dependencies and needs a network."
  exit 2
}

counter=.build/malloc_count.so
rm -f "$counter"
if [ "$(uname -s)" != Linux ]; then
  echo "Benchmarks: allocations are counted on Linux only (by LD_PRELOAD); the times follow."
elif ! command -v cc >/dev/null 2>&1; then
  echo "Benchmarks: no C compiler (cc), so allocations are not counted; install gcc or clang. The times follow."
elif ! cc -O2 -shared -fPIC -o "$counter" malloc-count/malloc_count.c >/dev/null 2>&1; then
  echo "Benchmarks: cc could not build malloc-count, which needs glibc; allocations are not counted. The times follow."
fi
if [ -f "$counter" ]; then
  LD_PRELOAD="$PWD/$counter" .build/release/decode-benchmark
else
  .build/release/decode-benchmark
fi
