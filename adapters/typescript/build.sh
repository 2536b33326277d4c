#!/bin/sh
# Type-checks and compiles what is here in .build/adapters/typescript, with what it imports of the JavaScript client beside it.
set -e
cd "$(dirname "$0")/../.."
out=.build/adapters/typescript
rm -rf "$out"
mkdir -p "$out/operations"
for name in client driver serve; do cp adapters/javascript/$name.mjs adapters/javascript/$name.d.mts "$out"; done
cp adapters/javascript/operations/* "$out/operations"
cp adapters/typescript/*.mts adapters/typescript/*.d.ts adapters/typescript/tsconfig.json "$out"
tsc -p "$out"
