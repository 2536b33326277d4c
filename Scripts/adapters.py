#!/usr/bin/env python3
"""Builds, verifies and probes the clients in adapters/, each whose toolchain is there, and prints a table of what came of it.

    adapters.py [--wireproof PATH] [--short] [--only LANGUAGE]... [--no-probe] [--results DIR] [--markdown]

The columns: the tests in the language's own runner; `verify`; `probe client` with all probes; `mutate client`, which plays every broken
server to the client. --short is what make test runs: the languages that need nothing to be installed, without sanitizers, with the first
probes and broken servers only. What a client is known to fail, and the clause that it breaks, is in the files client.expected and
matrix.expected beside its profile. Exit code 1 when something else fails, or when something known passes.
"""
import argparse
import collections
import json
import re
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
SHORT_FAULTS = ["wire-answers-*"]
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
    expected: str = "client"  # the name of the files with what it is known to fail
    short_build: list = ()
    in_short: bool = True  # whether nothing has to be installed for it on a usual machine


def compile_cpp(name, source, flags):
    return f"g++ -std=c++17 -Wall -Wextra -Wpedantic -Wconversion -Werror {flags} -pthread -o {BUILD}/{name} adapters/cpp/{source}"


def build_cpp(flags):
    return [compile_cpp("cpp-adapter", "adapter.cpp", flags), compile_cpp("cpp-harness", "harness.cpp", flags),
            compile_cpp("cpp-test", "test/test.cpp", flags)]


# Go's race detector needs cgo and its runtime, which not every installation has.
GO_RACE = "$(go test -race -run '^$' unicode/utf8 >/dev/null 2>&1 && echo -race)"

LANGUAGES = [
    Language("javascript", ["node"], "node adapters/javascript/adapter.mjs",
             "node --experimental-websocket adapters/javascript/harness.mjs", "adapters/javascript/client.yaml",
             "node --test adapters/javascript/test"),
    Language("typescript", ["node", "tsc"], f"node {BUILD}/typescript/adapter.mjs",
             f"node --experimental-websocket {BUILD}/typescript/harness.mjs", "adapters/javascript/client.yaml",
             f"node --test {BUILD}/typescript/test.mjs", build=["sh adapters/typescript/build.sh"], in_short=False),
    Language("python", ["python3"], "python3 adapters/python/client/client_adapter.py", "python3 adapters/python/client/harness.py",
             "adapters/python/client/client.yaml", "python3 -m unittest discover adapters/python/client"),
    Language("go", ["go"], f"{BUILD}/go-adapter", f"{BUILD}/go-harness", "adapters/go/client.yaml",
             f"cd adapters/go && go vet ./... && go test {GO_RACE} ./...",
             build=[f"cd adapters/go && go build {GO_RACE} -o ../../{BUILD}/go-{name} ./cmd/{name}" for name in ("adapter", "harness")],
             in_short=False),
    Language("cpp", ["g++"], f"{BUILD}/cpp-adapter", f"{BUILD}/cpp-harness", "adapters/cpp/client.yaml", f"{BUILD}/cpp-test",
             build=build_cpp("-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"), short_build=build_cpp("-O0")),
    # Stand-ins for what somebody else wrote, wrapped: their codecs are not asked.
    Language("go, wrapped", ["go"], "", f"{BUILD}/go-wrapped", "adapters/go/wrapped.yaml", "python3 -m unittest discover -s adapters/go",
             build=[f"python3 adapters/go/wrap.py {GO_RACE.replace('-race', '--build-flag=-race')} --output {BUILD}/go-wrapped "
                    "adapters/go/wrapped/standin"], in_short=False, expected="wrapped"),
    Language("cpp under Qt, wrapped", ["g++", "qmake"], "", f"{BUILD}/cpp-wrapped", "adapters/cpp/wrapped/client.yaml",
             "python3 -m unittest discover -s adapters/cpp/test",
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


BAD = ("fail", "errored", "couldNotRun")


def records(results):
    """The cases in a result file; None without a footer."""
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()] if results.exists() else []
    return [line for line in lines if line.get("type") == "case"] if lines and lines[-1].get("type") == "footer" else None


def known_failures(file):
    """The ids in a file of expected failures, each with its reason; nothing where there is no such file."""
    if not file.exists():
        return {}
    lines = [line.partition("#") for line in file.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]
    return {name.strip(): reason.strip() for name, _, reason in lines}


def shown(cases, known):
    """A cell of the table: what passed of what was judged, and what did not."""
    if cases is None:
        return "no results"
    counts = collections.Counter("known" if case["verdict"] in BAD and case["id"] in known else case["verdict"] for case in cases)
    judged = sum(counts.values()) - counts["notApplicable"]
    words = [f"{counts['pass']}/{judged}"]
    for name, word in [("nonStrict", "weak"), ("informational", "info"), *((name, name) for name in BAD), ("known", "known to fail"),
                       ("notApplicable", "n/a")]:
        if counts[name]:
            words.append(f"{counts[name]} {word}")
    return ", ".join(words)


def reactions(cases, known):
    """The same for what a client makes of broken servers, in the words of docs/resilience-matrix.md."""
    if cases is None:
        return "no results"
    counts = collections.Counter("known" if case["verdict"] in BAD and case["id"] in known else case["verdict"] for case in cases)
    words = [f"{counts['pass'] + counts['informational']}/{sum(counts.values())}"]
    for name, word in [("informational", "tolerated"), *((name, name) for name in BAD), ("known", "known to be bad")]:
        if counts[name]:
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

    def judge(self, language, command, line, known):
        """Runs a command that writes results; its cases."""
        results = self.folder / ("-".join([*re.findall(r"\w+", language.name), command]) + ".ndjson")
        # 1: something failed, which the table says, 3: something could not be run.
        done = self.step(language, command, line.format(results=results), codes=(0, 1, 3, 4))
        cases = records(results)
        verdicts = {case["id"]: case["verdict"] for case in cases or []}
        bad = [name for name, verdict in verdicts.items() if verdict in BAD and name not in known]
        stale = [name for name in known if verdicts.get(name) not in (*BAD, None)]
        if done and (cases is None or bad or stale):
            heading = "".join(f"\nbad and not known: {name}" for name in bad) + "".join(f"\nknown to fail, and passes: {name}" for name in stale)
            self.failures.append(f"{language.name}, {command}:{heading}\n{done[0][-6000:]}")
        return cases

    def verify(self, language):
        return shown(self.judge(language, "verify", f"'{self.options.wireproof}' verify --results '{{results}}' --iut '{language.adapter}'", {}), {})

    def known(self, language, command):
        """What is known to fail, from the file beside the profile."""
        name = {"probe": language.expected, "matrix": "matrix"}[command]
        return known_failures((ROOT / language.profile).with_name(f"{name}.expected"))

    def probe(self, language):
        filters = " ".join(f"--filter {name}" for name in SHORT_PROBES) if self.options.short else "--all"
        known = self.known(language, "probe")
        return shown(self.judge(language, "probe", f"'{self.options.wireproof}' probe client --profile {language.profile} {filters} "
                                f"--results '{{results}}' -- {language.harness} {{{{url}}}}", known), known)

    def matrix(self, language):
        filters = " ".join(f"--filter '{name}'" for name in SHORT_FAULTS) if self.options.short else ""
        known = self.known(language, "matrix")
        return reactions(self.judge(language, "matrix", f"'{self.options.wireproof}' mutate client {filters} --results '{{results}}' -- "
                                    f"{language.harness} {{{{url}}}}", known), known)

    def row(self, language):
        began = time.monotonic()
        lacking = missing(language)
        if lacking:
            return [language.name, *[""] * 3, f"skipped: {' and '.join(lacking)} not installed"]
        for line in (self.options.short and language.short_build) or language.build:
            if self.step(language, "build", line) is None:
                return [language.name, *[""] * 3, "does not build"]
        tests = "none"
        if language.test:
            tests = "pass" if self.step(language, "tests", language.test) else "fail"
        verified = self.verify(language) if language.adapter else "not asked"
        probed = self.probe(language) if self.probes else "not run"
        played = self.matrix(language) if self.probes and language.adapter else "not run"
        print(f"{language.name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        return [language.name, tests, verified, probed, played]


def print_table(rows, is_markdown=False):
    if is_markdown:
        for row in [rows[0], ["---"] * len(rows[0]), *rows[1:]]:
            print(f"| {' | '.join(row)} |")
        return
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
    parser.add_argument("--markdown", action="store_true", help="print the table for a page of documentation")
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
        rows = [["language", "tests", "verify", "probe client", "broken servers"]]
        for language in chosen:
            print(f"{language.name} …", file=sys.stderr, flush=True)
            rows.append(work.row(language))
    print_table(rows, options.markdown)
    for failure in work.failures:
        print(f"\n{failure}")
    return 1 if work.failures else 0


if __name__ == "__main__":
    sys.exit(main())
