#!/bin/sh
# What a pipeline does with wireproof: probes a server or a client, keeps the results and the evidence, and writes every report that
# pipelines read. The exit code is that of the probe (docs/ci.md).
#
#   probe.sh [ws://HOST:PORT/PATH] [options of wireproof probe server]... [-- COMMAND that starts the server, {port} in it]
#   probe.sh client [options of wireproof probe client]... -- COMMAND that starts the client, {url} in it
#
# Without an address the server is one that COMMAND starts, on a free port. Everything is written below conformance/, or below
# WIREPROOF_FOLDER. On GitHub failures are marked in the pull request, and the summary stands on the page of the run.
set -eu

folder=${WIREPROOF_FOLDER:-conformance}
role=server
url=ws://127.0.0.1:0/join
case "${1-}" in
  client) role=client; url=; shift ;;
  ws://* | wss://*) url=$1; shift ;;
esac
command -v wireproof >/dev/null || {
  echo "wireproof is not on the PATH: unpack wireproof-VERSION-linux-CPU.tar.gz over /usr/local first (docs/ci.md)" >&2
  exit 2
}
mkdir -p "$folder"
results=$folder/results.ndjson

status=0
wireproof probe "$role" ${url:+"$url"} --results "$results" --artifacts "$folder/evidence" "$@" || status=$?

# Where the probe did not get as far as results, there is nothing to report on, and it has said why.
[ -s "$results" ] || exit "$status"
report() { wireproof report "$results" "$@" || [ $? -eq 4 ]; }
report --format html --artifacts "$folder/evidence" --output "$folder/report.html"
report --format junit --output "$folder/junit.xml"
report --format markdown --output "$folder/summary.md"
if [ -n "${GITHUB_STEP_SUMMARY-}" ]; then cat "$folder/summary.md" >> "$GITHUB_STEP_SUMMARY"; fi
if [ "${GITHUB_ACTIONS-}" = true ]; then report --format github; fi
exit "$status"
