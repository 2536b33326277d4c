#!/bin/sh
# Type-checks and compiles what is here into .build/adapters/typescript, with the JavaScript client beside it.
set -e
cd "$(dirname "$0")/../.."
out=.build/adapters/typescript
rm -rf "$out"
mkdir -p "$out"
cp -R adapters/javascript "$out/javascript"
tsc -p adapters/typescript
