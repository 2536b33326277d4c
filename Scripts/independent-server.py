#!/usr/bin/env python3
"""Probes a server that shares no code with this package, right and with one fault at a time.

The server is Tests/ConformanceTests/Servers/independent_server.py, over `websockets` from PyPI. Right, plain and with
compression and in its minimal form, no probe may find a failure; with a fault, the probe that its table names has to.
Exit code 1 if that is not so; 0 with one line if the package cannot be had. --short: plain, and the faults that are
found within seconds.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import python_package

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".build" / "websockets"
SERVER = ROOT / "Tests" / "ConformanceTests" / "Servers" / "independent_server.py"
# Those that are found at once: the others fail the sanity case, too, or are given seconds before they are judged.
SHORT = """
    answers-twice answers-everywhere magic-unchecked short-filled length-unchecked trailing-delivered
    second-frame-delivered id-16-bits unknown-closes displacement-believed text-accepted frames-joined masked
    length-not-minimal unmasked-accepted reserved-bits-ignored reserved-opcode-accepted close-unanswered accept-wrong
    version-unchecked displacement-missing newcomer-refused slot-lost addresses-swapped source-ignored server-sn-even
    any-answer second-answer data-after-close dies window-exceeded context-kept parameters-ignored
    """.split()


class Prober:
    def __init__(self, wireproof, folder):
        self.wireproof, self.folder = wireproof, pathlib.Path(folder)
        self.python = python_package.provide(["websockets"], ["websockets.asyncio.server"], FOLDER, "independent server")
        text = (ROOT / "vectors" / "profiles" / "reference.yaml").read_text()
        (self.folder / "read-wait.yaml").write_text(text + "readWait: 1\n")
        (self.folder / "hub.yaml").write_text(text + "hub: true\n")

    def probe(self, name, server, arguments):
        """The exit code, the verdicts by case, and what was written."""
        results = self.folder / f"{name}.ndjson"
        command = [self.wireproof, "probe", "server", "ws://127.0.0.1:0/join", "--vectors", str(ROOT / "vectors"),
                   "--results", str(results)] + arguments
        command += ["--", self.python, str(SERVER), "--port", "{port}"] + server
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=600)
        objects = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
        return done.returncode, {each["id"]: each["verdict"] for each in objects if each["type"] == "case"}, \
            done.stdout + done.stderr

    def right(self, name, server, arguments):
        code, verdicts, output = self.probe(name, server, arguments)
        wrong = [case for case, verdict in verdicts.items() if verdict not in
                 ("pass", "nonStrict", "informational", "notApplicable")]
        if code != 0 or wrong or "flaky" in output or len(verdicts) < 800:
            print(output)
            return f"{name}: exit code {code}, {len(verdicts)} cases, wrong: {', '.join(wrong) or 'none'}"
        print(f"independent server, {name}: {list(verdicts.values()).count('pass')} pass, none fails")

    def faulty(self, row):
        name, case, *options, _ = row
        options = " ".join(options).split()
        strict = ["--strict"] if "--strict" in options else []
        hub = "--hub" in options
        options = [option for option in options if option not in ("--strict", "--hub")]
        profile = strict + ["--profile", str(self.folder / "read-wait.yaml")] if "--read-wait" in options else []
        profile += ["--profile", str(self.folder / "hub.yaml")] if hub else []
        began = time.monotonic()
        code, verdicts, output = self.probe(name, options + ["--fault", name], profile + ["--filter", case])
        expected = ("fail", "errored", "nonStrict") if strict else ("fail", "errored")
        return row, code, verdicts.get(case), expected, output, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wireproof", default=str(ROOT / ".build" / "debug" / "wireproof"))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--fault", action="append", help="only this one (repeatable)")
    parser.add_argument("--jobs", type=int, default=24, help="faulty servers at once; they mostly wait")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wireproof-") as folder:
        prober = Prober(arguments.wireproof, folder)
        listed = subprocess.run([prober.python, str(SERVER), "--list-faults"], capture_output=True, text=True, check=True)
        rows = [line.split("\t") for line in listed.stdout.splitlines()]
        if arguments.fault:
            rows = [row for row in rows if row[0] in arguments.fault]
        elif arguments.short:
            rows = [row for row in rows if row[0] in SHORT]
        problems = []
        if not arguments.fault:
            runs = [("plain", [], [])]
            if not arguments.short:
                runs += [("compressed", ["--compress"], []), ("minimal", ["--minimal"], ["--profile", "minimal"]),
                         ("read wait", ["--read-wait", "1"], ["--profile", str(prober.folder / "read-wait.yaml")])]
            problems += [problem for run in runs if (problem := prober.right(*run))]
        found = 0
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for row, code, verdict, expected, output, seconds in pool.map(prober.faulty, rows):
                if code == 1 and verdict in expected:
                    found += 1
                    print(f"independent server, fault {row[0]}: found by {row[1]} in {seconds:.1f} s")
                else:
                    print(output)
                    problems.append(f"fault {row[0]}: exit code {code}, {row[1]} is {verdict}")
        print(f"independent server: {found} of {len(rows)} faults found")
        for problem in problems:
            print(f"independent server: {problem}")
        sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
