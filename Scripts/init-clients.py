#!/usr/bin/env python3
"""Writes each project of `wireproof init client`, builds it, runs its tests and its example, and probes it: no case may fail that
the project does not say it fails.

A row for each: seconds from `init` to the report, and what the probes came to. A language whose
toolchain is not on the machine is skipped, with one line that says what is missing. `--short`: those that need no compiler, with the
first probes only.
"""
import json
import os
import shutil
import subprocess
import sys
import time

from init_projects import GOOD, parser, prove_all

# What each needs on the PATH, and what it is given in place of `make setup`.
LANGUAGES = {"javascript": (["node"], []), "python": (["python3"], []), "go": (["go"], []), "cpp": (["g++"], []),
             "typescript": (["node", "tsc"], ["TSC=tsc"])}
SHORT = ["javascript", "python"]
SHORT_FILTERS = ["client-sanity", "client-calls"]
ANSWER = "answered: "


class Failed(Exception):
    """A step that ended badly, with what it printed."""


def run(command, seconds=1500, **options):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds, **options)
    if done.returncode != 0:
        raise Failed(f"$ {' '.join(command)}\n{(done.stdout + done.stderr)[-3000:]}exit code {done.returncode}")
    return done.stdout + done.stderr


def example(options, folder, given):
    """Runs the project's example against our server."""
    server = subprocess.Popen([options.wireproof, "serve", "--listen", "127.0.0.1:0", "--quiet"], stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().split()[-1] + "?uid=100"
        printed = run(["make", "--no-print-directory", "-C", str(folder), "run", f"URL={url}", *given])
    finally:
        server.terminate()
        server.wait()
    if ANSWER not in printed:
        raise Failed(f"the example does not print {ANSWER!r}:\n{printed}")


def prove(language, options, parent):
    """The row, and whether something is wrong."""
    folder = parent / language
    needs, given = LANGUAGES[language]
    lacking = [program for program in needs if shutil.which(program) is None]
    if lacking:
        return f"init client {language}: skipped, {' and '.join(lacking)} not installed", False
    given = [f"WIREPROOF={options.wireproof}", *given]
    if options.short:
        given.append("PROBE_OPTIONS=" + " ".join(f"--filter {each}" for each in SHORT_FILTERS))
    began = time.monotonic()
    results = folder / "results.ndjson"
    try:
        run([options.wireproof, "init", "client", language, str(folder)])
        run(["make", "-C", str(folder), "build", *given])
        run(["make", "-C", str(folder), "test", *given])
        example(options, folder, given)
        run(["make", "-C", str(folder), "probe", *given], env={**os.environ, "TMPDIR": str(parent)})
    except Failed as failure:
        return f"init client {language}: {failure}", True
    records = [json.loads(line) for line in results.read_text().splitlines()]
    cases = [each for each in records if each["type"] == "case"]
    count = [each["verdict"] for each in cases if not each.get("expectedFailure")].count
    known = sum(1 for each in cases if each.get("expectedFailure"))
    row = (f"init client {language}: {time.monotonic() - began:.1f} s to the report, "
           + ", ".join(f"{count(each)} {each}" for each in GOOD if count(each)) + (f", {known} known to fail" if known else ""))
    if len(cases) < (20 if options.short else 200) or not (folder / "report.html").exists():
        return f"{row}; too few cases, or no report", True
    return row, False


def main():
    options = parser(__doc__, LANGUAGES).parse_args()
    sys.exit(prove_all(prove, options.language or (SHORT if options.short else list(LANGUAGES)), options))


if __name__ == "__main__":
    main()
