#!/usr/bin/env python3
"""Builds, verifies and probes the clients in adapters/, each whose toolchain is there, and prints a table of what came of it.

    adapters.py [--wireproof PATH] [--short] [--only LANGUAGE]... [--no-probe] [--results DIR]

--short is what make test runs: the languages that need nothing to be installed, without sanitizers, with the first probes only.
What a client is known to fail, and why, is in the file client.expected beside its profile. Exit code 1 when something else fails.
"""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(".build/adapters")
SHORT_PROBES = ["client-sanity", "client-calls"]
LONGEST = 1500  # seconds that one command may take


@dataclass
class Language:
    name: str
    needs: list  # programs, all of which have to be there
    adapter: str  # empty: verify does not ask it
    harness: str  # without the URL
    profile: str
    test: str  # empty: it has none of its own
    build: list = ()  # lines of the shell
    short_build: list = ()
    in_short: bool = True  # whether nothing has to be installed for it on a usual machine


def compile_cpp(name, source, flags):
    return f"g++ -std=c++17 -Wall -Wextra -Wpedantic -Wconversion -Werror {flags} -pthread -o {BUILD}/{name} adapters/cpp/{source}"


def build_cpp(flags):
    return [compile_cpp("cpp-adapter", "adapter.cpp", flags), compile_cpp("cpp-harness", "harness.cpp", flags),
            compile_cpp("cpp-test", "test/test.cpp", flags)]


LANGUAGES = [
    Language("javascript", ["node"], "node adapters/javascript/adapter.mjs",
             "node --experimental-websocket adapters/javascript/harness.mjs", "adapters/javascript/client.yaml",
             "node --test adapters/javascript/test"),
    Language("typescript", ["node", "tsc"], f"node {BUILD}/typescript/adapter.mjs",
             f"node --experimental-websocket {BUILD}/typescript/harness.mjs", "adapters/javascript/client.yaml",
             f"node --test {BUILD}/typescript/test.mjs", build=["sh adapters/typescript/build.sh"], in_short=False),
    Language("python", ["python3"], "python3 adapters/python/client/client_adapter.py", "python3 adapters/python/client/harness.py",
             "adapters/python/client/client.yaml", "python3 -m unittest discover adapters/python/client"),
    Language("go", ["go"], f"{BUILD}/go-adapter", f"{BUILD}/go-harness", "adapters/go/client.yaml", "cd adapters/go && go test ./...",
             build=[f"cd adapters/go && go build -o ../../{BUILD}/go-adapter ./cmd/adapter && "
                    f"{{ go build -race -o ../../{BUILD}/go-harness ./cmd/harness || go build -o ../../{BUILD}/go-harness ./cmd/harness; }}"],
             in_short=False),
    Language("cpp", ["g++"], f"{BUILD}/cpp-adapter", f"{BUILD}/cpp-harness", "adapters/cpp/client.yaml", f"{BUILD}/cpp-test",
             build=build_cpp("-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"), short_build=build_cpp("-O0")),
    # A stand-in for somebody else's Qt client, wrapped: its codec is not asked.
    Language("cpp under Qt", ["g++", "qmake"], "", f"{BUILD}/cpp-wrapped", "adapters/cpp/wrapped/client.yaml", "",
             build=[f"python3 adapters/cpp/wrap.py --output {BUILD}/cpp-wrapped adapters/cpp/wrapped/standin/StandIn.h"], in_short=False),
]


class Failed(Exception):
    """A step that ended badly, with what it printed."""


def run(line, codes=(0,)):
    """Runs a line of the shell in the project's folder; its output, and its exit code."""
    try:
        ended = subprocess.run(["/bin/sh", "-c", line], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LONGEST,
                               encoding="utf-8", errors="replace")
    except subprocess.TimeoutExpired:
        raise Failed(f"$ {line}\nnot done within {LONGEST} s") from None
    if ended.returncode not in codes:
        raise Failed(f"$ {line}\n{ended.stdout[-6000:]}exit code {ended.returncode}")
    return ended.stdout, ended.returncode


def counts_of(results):
    """The verdicts in a result file, with the failures that were expected taken apart; None without a footer."""
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    if not lines or lines[-1].get("type") != "footer":
        return None
    counts = dict(lines[-1]["counts"])
    expected = sum(1 for line in lines if line.get("expectedFailure") and line["verdict"] in ("fail", "errored"))
    if expected:
        counts["known"] = expected
    return counts


def shown(counts):
    """Counts in a cell of the table: what passed of what was judged, and what did not."""
    if counts is None:
        return "no results"
    bad = ["fail", "errored", "couldNotRun"]
    judged = sum(counts.get(name, 0) for name in ["pass", "nonStrict", "informational", *bad])
    words = [f"{counts.get('pass', 0)}/{judged}"]
    for name, word in [("nonStrict", "weak"), ("informational", "info"), *((name, name) for name in bad), ("known", "known to fail"),
                       ("notApplicable", "n/a")]:
        if counts.get(name):
            words.append(f"{counts[name]} {word}")
    return ", ".join(words)


def missing(language):
    """The programs that a language needs and that are not there."""
    return [program for program in language.needs if shutil.which(program) is None]


def has_probe_client(wireproof):
    return subprocess.run([wireproof, "probe", "client", "--help"], capture_output=True, check=False).returncode == 0


class Run:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.failures = []
        self.probes = has_probe_client(options.wireproof) and not options.no_probe

    def step(self, language, what, line, codes=(0,)):
        """Whether a step could be done; what went wrong is kept for the end."""
        try:
            return run(line, codes)
        except Failed as fault:
            self.failures.append(f"{language.name}, {what}:\n{fault}")
            return None

    def judge(self, language, command, line):
        results = self.folder / ("-".join([*language.name.split(), command]) + ".ndjson")
        # 1: something failed, which the table says, 3: something could not be run.
        done = self.step(language, command, f"{line.format(results=results)}", codes=(0, 1, 3))
        counts = counts_of(results) if results.exists() else None
        if done and (done[1] != 0 or counts is None):
            self.failures.append(f"{language.name}, {command}:\n{done[0][-6000:]}")
        return shown(counts)

    def verify(self, language):
        return self.judge(language, "verify", f"'{self.options.wireproof}' verify --results '{{results}}' --iut '{language.adapter}'")

    def probe(self, language):
        expected = Path(language.profile).with_name("client.expected")
        filters = " ".join(f"--filter {name}" for name in SHORT_PROBES) if self.options.short else "--all"
        known = f"--expected-failures {expected}" if (ROOT / expected).exists() and not self.options.short else ""
        return self.judge(language, "probe", f"'{self.options.wireproof}' probe client --profile {language.profile} {filters} {known} "
                          f"--results '{{results}}' -- {language.harness} {{{{url}}}}")

    def row(self, language):
        began = time.monotonic()
        lacking = missing(language)
        if lacking:
            return [language.name, "", "", f"skipped: {' and '.join(lacking)} not installed"]
        for line in (self.options.short and language.short_build) or language.build:
            if self.step(language, "build", line) is None:
                return [language.name, "", "", "does not build"]
        tests = "none"
        if language.test:
            tests = "pass" if self.step(language, "tests", language.test) else "fail"
        probed = self.probe(language) if self.probes else "not run"
        verified = self.verify(language) if language.adapter else "not asked"
        return [language.name, tests, verified, f"{probed} ({time.monotonic() - began:.0f} s)"]


def print_table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--wireproof", default=".build/debug/wireproof", help="the executable")
    parser.add_argument("--short", action="store_true", help="what make test runs")
    parser.add_argument("--only", action="append", metavar="LANGUAGE", choices=[one.name for one in LANGUAGES])
    parser.add_argument("--no-probe", action="store_true", help="only build, test and verify")
    parser.add_argument("--results", type=Path, help="keep the result files in this folder")
    options = parser.parse_args()
    options.wireproof = str((ROOT / options.wireproof).resolve())
    if not Path(options.wireproof).exists():
        parser.error(f"no executable {options.wireproof}: make build, or name it with --wireproof")
    (ROOT / BUILD).mkdir(parents=True, exist_ok=True)
    chosen = [one for one in LANGUAGES if (one.name in options.only if options.only else one.in_short or not options.short)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.results or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        work = Run(options, folder)
        try:
            run("python3 adapters/generate-gbk.py --check")
        except Failed as fault:
            work.failures.append(str(fault))
        rows = [["language", "tests", "verify", "probe client"]]
        for language in chosen:
            print(f"{language.name} …", file=sys.stderr, flush=True)
            rows.append(work.row(language))
    print_table(rows)
    for failure in work.failures:
        print(f"\n{failure}")
    return 1 if work.failures else 0


if __name__ == "__main__":
    sys.exit(main())
