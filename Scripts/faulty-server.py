#!/usr/bin/env python3
"""Probes a server with one fault at a time, and prints which case found it.

The server is Tests/ConformanceTests/Servers/faulty_server.py, which needs nothing but Python; faulty/faults.py beside it
lists its faults, each with the case that has to find it. Right, plain and with compression, no default probe may fail.
With a fault the named case has to: `fail`, or `nonStrict` or `informational` where the table says that the fault is a weaker one. Exit code 1
if any of this is not so. --every holds each fault against all default probes in place of the named case, and prints what
else finds it; that takes long. --short takes every eighth fault.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVER = ROOT / "Tests" / "ConformanceTests" / "Servers" / "faulty_server.py"
FAILED = ("fail", "errored")


class Prober:
    def __init__(self, wireproof, folder):
        self.wireproof, self.folder = wireproof, folder

    def probe(self, name, server, arguments):
        """The exit code, the cases of the result file by id, and what was written."""
        results = self.folder / f"{name}.ndjson"
        command = [self.wireproof, "probe", "server", "ws://127.0.0.1:0/join", "--vectors", str(ROOT / "vectors"),
                   "--results", str(results)] + arguments
        command += ["--", sys.executable, str(SERVER), "--port", "{port}"] + server
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=500)
            code, output = done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired:
            code, output = -1, "the run did not end within 500 s\n"
        rows = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() and code >= 0 else []
        return code, {row["id"]: row for row in rows if row["type"] == "case"}, output

    def right(self, name, server):
        code, cases, output = self.probe(name, server, [])
        verdicts = [case["verdict"] for case in cases.values()]
        wrong = [name for name, case in cases.items() if case["verdict"] in FAILED + ("couldNotRun",)]
        if code or wrong or "flaky" in output or len(cases) < 800:
            print(output)
            return f"{name}: exit code {code}, {len(cases)} cases, wrong: {', '.join(wrong) or 'none'}"
        print(f"faulty server, {name}, without a fault: {verdicts.count('pass')} pass, none fails", flush=True)

    def faulty(self, row, every):
        name, case, options = row
        server = ["--fault", name] + ([] if "plain" in options else ["--compress"])
        arguments = ([] if every else ["--filter", case]) + (["--all"] if "all" in options else [])
        return row, *self.probe(name, server, arguments)


def requirements(case):
    """What the case says is broken, or what it is about."""
    broken = [name for name, verdict in case.get("judged", {}).items() if verdict == case["verdict"]]
    return ", ".join(broken or case["requirements"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wireproof", default=str(ROOT / ".build" / "debug" / "wireproof"))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--fault", action="append", help="only this one (repeatable)")
    parser.add_argument("--jobs", type=int, default=8, help="faulty servers at once; they mostly wait")
    arguments = parser.parse_args()
    listed = subprocess.run([sys.executable, str(SERVER), "--list-faults"], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in listed.stdout.splitlines()]
    if arguments.fault:
        if unknown := set(arguments.fault) - {row[0] for row in rows}:
            sys.exit(f"there is no fault {', '.join(sorted(unknown))}: see {SERVER} --list-faults")
        rows = [row for row in rows if row[0] in arguments.fault]
    elif arguments.short:
        rows = rows[::8]
    problems, found = [], {"fail": 0, "nonStrict": 0, "informational": 0}
    with tempfile.TemporaryDirectory(prefix="wireproof-") as folder:
        prober = Prober(arguments.wireproof, pathlib.Path(folder))
        if not arguments.fault:
            runs = [("plain", []), ("compressed", ["--compress"])]
            problems += [problem for run in runs if (problem := prober.right(*run))]
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for (name, case, options), code, cases, output in pool.map(
                    lambda row: prober.faulty(row, arguments.every), rows):
                verdict = cases[case]["verdict"] if case in cases else "missing"
                verdict = "fail" if verdict in FAILED else verdict
                if verdict == "fail" or verdict == "nonStrict" and "weaker" in options \
                        or verdict == "informational" and "informational" in options:
                    found[verdict] += 1
                    text = f"{name}: {case} ({requirements(cases[case])})" + {"fail": "", "nonStrict": ", not strict", "informational": ", informational"}[verdict]
                else:
                    problems.append(f"fault {name}: {case} is {verdict}, exit code {code}")
                    text = f"{name}: {case} is {verdict}"
                others = [each for each, about in cases.items() if about["verdict"] in FAILED and each != case]
                if others:
                    text += f"; also {', '.join(others[:3])}" + (f" and {len(others) - 3} more" if others[3:] else "")
                print(text, flush=True)
    print(f"faulty server: {len(rows)} faults, {found['fail']} failed, {found['nonStrict']} not strict, {found['informational']} informational, "
          f"{len(rows) - sum(found.values())} passed unseen")
    for problem in problems:
        print(f"faulty server: {problem}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
