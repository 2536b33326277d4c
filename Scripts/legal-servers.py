#!/usr/bin/env python3
"""Probes servers that are odd and legal: none may be found wrong.

The server is Tests/ConformanceTests/Servers/legal_server.py; one oddity at a time is switched on, or, with `--with A,B`,
several. A table is printed: switch, seconds, verdicts, and the ids of what failed, was errored or flaky, or could not be
run. Exit code 1 if there is any of that. Switches that a profile has to speak about get that profile, and nothing else.
`--short`: a few switches, and for each the areas that its oddity shows in.
"""
import argparse
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import python_package

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".build" / "websockets"
SERVER = ROOT / "Tests" / "ConformanceTests" / "Servers" / "legal_server.py"
NEGOTIATING = "versions: 1-3\ncharsets: [0, 1]\ncapabilities: [negotiation, negotiation-subprotocol]\n"
# What the suite asks for where it is not declared: lines of the profile, options of the probe, options of the server.
DECLARED = {
    "greeting": ("unsolicited: [99]\n", [], []),
    "heartbeat": ("unsolicited: [99]\n", [], []),
    "server-calls": ("unsolicited: [98]\n", [], []),
    "token-401": ("", ["--header", "Authorization: Bearer x"], []),
    "token-403": ("", ["--query", "token=x"], []),
    "chunked": (NEGOTIATING, [], ["--negotiate"]),
    "refusal-case": (NEGOTIATING, [], ["--negotiate"]),
    "until-end": (NEGOTIATING, [], ["--negotiate"]),
    "lower-case": (NEGOTIATING, [], ["--negotiate"]),
    "no-phrase": (NEGOTIATING, [], ["--negotiate"]),
    "refusal-late": (NEGOTIATING, [], ["--negotiate"]),
    "byte-segments": (NEGOTIATING, [], ["--negotiate"]),
    "phrase": (NEGOTIATING, [], ["--negotiate"]),
    "keep-alive": (NEGOTIATING, [], ["--negotiate"]),
    "utf8-only": (NEGOTIATING.replace("[0, 1]", "[0]"), [], []),
    "idle-5": ("readWait: 5\n", [], []),
    "puller-first": ("unsolicited: [9]\n", [], []),
}
# Where an oddity shows, in seconds.
SHORT = {
    "no-hub": "displacement.*,identity.*", "close-slow": "frame.magic.*,ws.rsv.*", "interim": "sanity.*,handshake.accept.*",
    "chunked": "negotiation.*", "refusal-case": "negotiation.*", "refusal-late": "negotiation.*", "register-late": "displacement.*",
    "max-20": "identity.*,isolation.*", "rate-limit": "handshake.*", "no-uid-401": "identity.*,metadata.*",
    "ack-close-late": "close.*", "greeting": "sanity.*,rpc.sn.*", "heartbeat": "burst.*,puller.*", "lenient-http": "handshake.*",
    "pings": "ws.stream.*,slow.sender.*", "after-call": "sanity.*,rpc.sn.*",
    "close-after-calls": "close.*", "paced": "burst.*,rpc.concurrent.*", "client-window-8": "deflate.message.*,deflate.offer.valid.*",
}
GOOD = ("pass", "nonStrict", "informational", "notApplicable")


class Prober:
    def __init__(self, options, folder):
        self.options, self.folder = options, pathlib.Path(folder)
        self.python = python_package.provide(["websockets"], ["websockets.asyncio.server"], FOLDER, "legal servers")
        self.reference = (ROOT / "vectors" / "profiles" / "reference.yaml").read_text()

    def switches(self):
        listed = subprocess.run([self.python, str(SERVER), "--list"], capture_output=True, text=True, check=True)
        return [line.split("\t")[0] for line in listed.stdout.splitlines()]

    def probe(self, row):
        """One run: the row of the table, and what was written if it is not good."""
        names, compresses, patterns = row
        title = "+".join(names) + ("" if compresses else ", plain")
        profile, options, server = "", [], []
        for name in names:
            lines, more, serving = DECLARED.get(name, ("", [], []))
            profile, options = profile + (lines if lines not in profile else ""), options + more
            server += ["--switch", name] + [each for each in serving if each not in server]
        profile_file = self.folder / f"{title}.yaml"
        profile_file.write_text(self.reference + profile)
        results = self.folder / f"{title}.ndjson"
        host = "[::1]" if "ipv6" in names else "127.0.0.1"
        command = [self.options.wireproof, "probe", "server", f"ws://{host}:0/join", "--vectors", str(ROOT / "vectors"),
                   "--results", str(results), "--profile", str(profile_file)] + options
        for pattern in patterns.split(",") if patterns else []:
            command += ["--filter", pattern]
        command += ["--", self.python, str(SERVER), "--port", "{port}"] + server + (["--compress"] if compresses else [])
        began = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=self.options.timeout)
            code, output = done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired as expired:
            code, output = None, (expired.stdout or b"").decode(errors="replace")
        lines = results.read_text().splitlines() if results.exists() else []
        verdicts = {each["id"]: each["verdict"] for each in map(json.loads, lines) if each["type"] == "case"}
        wrong = [f"{case} ({verdict})" for case, verdict in verdicts.items() if verdict not in GOOD]
        flaky = re.findall(r"^flaky .*", output, re.MULTILINE | re.IGNORECASE)
        # A pattern that has come to match next to nothing shows nothing.
        few = [f"{len(verdicts)} cases, too few to show anything"] if len(verdicts) < (10 if patterns else 800) else []
        bad = code != 0 or bool(wrong or flaky or few)
        count = list(verdicts.values()).count
        cells = [f"{title:34}", f"{time.monotonic() - began:6.1f} s"] + [f"{count(verdict):5}" for verdict in GOOD]
        cells += [f"{sum(verdict not in GOOD for verdict in verdicts.values()):5}"]
        why = "" if not bad else f"exit code {code}; " + ", ".join(few + wrong[:self.options.ids] + flaky)
        if self.options.keep and bad:
            pathlib.Path(self.options.keep, f"{title}.txt").write_text(output)
        return "".join(cells), why, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wireproof", default=str(ROOT / ".build" / "debug" / "wireproof"))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--switch", action="append", help="only this one (repeatable)")
    parser.add_argument("--with", dest="combined", action="append", default=[], help="several at once: A,B,C (repeatable)")
    parser.add_argument("--plain", action="store_true", help="each without compression, too")
    parser.add_argument("--filter", default="", help="patterns of cases, separated by commas")
    parser.add_argument("--jobs", type=int, default=4, help="servers at once; they mostly wait")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--ids", type=int, default=12, help="how many ids a row names")
    parser.add_argument("--keep", help="a folder for what was written about rows that are not good")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wireproof-") as folder:
        prober = Prober(options, folder)
        names = prober.switches()
        unknown = set(options.switch or []).union(*(each.split(",") for each in options.combined)) - set(names)
        if unknown:
            parser.error(f"there is no switch {', '.join(sorted(unknown))}; legal_server.py --list names them")
        if options.short:
            rows = [([name], True, patterns) for name, patterns in SHORT.items()]
        else:
            chosen = options.switch or ([] if options.combined else names)
            chosen = [[name] for name in chosen] + [each.split(",") for each in options.combined]
            rows = [(each, compresses, options.filter) for each in chosen for compresses in ([True, False] if options.plain else [True])]
        print(f"{'switch':34}{'time':>8}{'pass':>5}{'weak':>5}{'info':>5}{'n/a':>5}{'bad':>5}")
        bad = 0
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for cells, why, is_bad in pool.map(prober.probe, rows):
                bad += is_bad
                print(cells + ("  " + why if why else ""), flush=True)
        print(f"legal servers: {len(rows) - bad} of {len(rows)} are found right")
        sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
