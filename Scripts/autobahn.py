#!/usr/bin/env python3
"""Runs an outside WebSocket suite against the reference peer, both roles, with permessage-deflate on.

The suite is kosoku from PyPI, which has the 517 cases of the Autobahn|Testsuite; it goes into a virtual environment in
.build/autobahn. Everything is bound to 127.0.0.1. Exit code 1 on FAILED or UNIMPLEMENTED, or on NON-STRICT in sections 1 to
7, 9 and 10; 0 with a line that says so when the suite cannot be had.

Usage: autobahn.py [--short] [--role server|client] [--cases GLOB]… [--wireproof PATH]
"""
import argparse
import collections
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import time

import python_package

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / ".build" / "autobahn"
SUITE = "kosoku==0.1.0"
# A case of each kind, and those of deflate with the smallest messages.
SHORT = ["1.1.*", "2.*", "3.*", "4.1.*", "5.*", "6.2*", "7.1.*", "7.3.*", "12.1.1", "13.1.1"]
STRICT_SECTIONS = {"1", "2", "3", "4", "5", "6", "7", "9", "10"}


def suite_program():
    python = python_package.provide([SUITE], ["kosoku"], WORK / "venv", "autobahn")
    return python.with_name("kosoku")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_server(suite, wireproof, cases, reports):
    server = subprocess.Popen(
        [wireproof, "serve", "--listen", "127.0.0.1:0", "--behavior", "websocket-echo", "--compress"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = server.stdout.readline().split("//")[1].split("/")[0].strip()
        include = [word for case in cases for word in ("-i", case)]
        subprocess.run([suite, "-m", "fuzzingclient", "-p", "2", "-o", reports, *include, address],
                       stdout=subprocess.DEVNULL)
    finally:
        server.terminate()
        server.wait()


def test_client(suite, wireproof, cases, reports):
    address = f"127.0.0.1:{free_port()}"
    include = [word for case in cases for word in ("-i", case)]
    fuzzer = subprocess.Popen([suite, "-m", "fuzzingserver", "-o", reports, *include, address],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        fuzzer.stdout.readline()

        def connect(target):
            done = subprocess.run(
                [wireproof, "connect", f"ws://{address}/{target}", "--behavior", "websocket-echo", "--context-takeover",
                 "--show-messages"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
            return done.stdout

        shown = [line for line in connect("getCaseCount").splitlines() if line.startswith("< text ")]
        for number in range(1, int(shown[0].split()[2]) + 1):
            connect(f"runCase?case={number}&agent=wireproof")
        connect("updateReports?agent=wireproof")
        for line in fuzzer.stdout:
            if "wrote reports" in line:
                break
    finally:
        fuzzer.terminate()
        fuzzer.wait()


def judge(role, reports, seconds):
    index = json.loads((reports / "index.json").read_text())
    cases = {name: case for agent in index.values() for name, case in agent.items()}
    sections = collections.defaultdict(collections.Counter)
    bad = []
    for name, case in cases.items():
        section = name.split(".")[0]
        for behavior in (case["behavior"], case["behaviorClose"]):
            if behavior in ("FAILED", "UNIMPLEMENTED", "WRONG CODE", "UNCLEAN") or (
                    behavior == "NON-STRICT" and section in STRICT_SECTIONS):
                bad.append(f"{name}: {case['behavior']}, close {case['behaviorClose']}")
                break
        sections[section][case["behavior"]] += 1
    total = collections.Counter()
    for section in sorted(sections, key=int):
        total += sections[section]
        print(f"  section {section:>2}: " + ", ".join(f"{count} {name}" for name, count in sections[section].items()))
    print(f"{role}: {len(cases)} cases in {seconds:.0f} s: " + ", ".join(f"{n} {name}" for name, n in total.items()))
    for line in bad:
        print(f"  {line}")
    return not bad and bool(cases)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a small part of the suite")
    parser.add_argument("--role", choices=["server", "client"], help="one role only")
    parser.add_argument("--cases", action="append", default=[], help="a case id or glob (repeatable)")
    parser.add_argument("--wireproof", default=str(ROOT / ".build/release/wireproof"), help="the executable")
    options = parser.parse_args()
    suite = suite_program()
    cases = options.cases or (SHORT if options.short else [])
    good = True
    for role, run in (("server", test_server), ("client", test_client)):
        if options.role in (None, role):
            reports = WORK / "reports" / role
            shutil.rmtree(reports, ignore_errors=True)
            start = time.monotonic()
            run(suite, options.wireproof, cases, reports)
            good = judge(role, reports, time.monotonic() - start) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
