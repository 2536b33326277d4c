#!/bin/sh
# Builds the documentation of the libraries with swift-docc-plugin, which nothing else resolves. A warning is an error.
set -eu
cd "$(dirname "$0")/../.."
export WIREPROOF_DOCUMENTATION=1
# The plugin is no dependency of the package: what is resolved for it is not kept.
if [ -f Package.resolved ]; then
  kept=$(mktemp)
  cp Package.resolved "$kept"
  trap 'mv "$kept" Package.resolved' EXIT
else
  trap 'rm -f Package.resolved' EXIT
fi
for target in WireproofCore WireproofPeer; do
  folder=.build/documentation/$target
  mkdir -p "$folder"
  ${SWIFT:-swift} package --allow-writing-to-directory "$folder" generate-documentation --target "$target" \
    --output-path "$folder" --transform-for-static-hosting --hosting-base-path "$target" --warnings-as-errors
done
echo "The documentation: .build/documentation/WireproofCore and WireproofPeer, to be served by any web server"
