#!/usr/bin/env python3
"""Probes `serve --behavior original`, with compression and without, against the list of what the original itself fails.

With compression exactly the ids of vectors/probes/original.expected have to fail, those that may fail aside; without it
isolation.leaver and the grammar of extensions alone. Exit code 1 if that is not so. What failed in some of its runs alone is named and
does not count: connection objects that are used again lose messages of any case, the more the busier the machine.

Usage: original-behavior.py WIREPROOF [RUNS]
"""
import json
import pathlib
import subprocess
import sys
import tempfile

EXPECTED = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "probes" / "original.expected"


def ids():
    """The ids that always fail, and those that may."""
    lines = [line.split("#")[0].split() for line in EXPECTED.read_text().splitlines()]
    return {words[0] for words in lines if len(words) == 1}, {words[1] for words in lines if len(words) == 2}


def probe(wireproof, folder, options, expected):
    server = subprocess.Popen([wireproof, "serve", "--listen", "127.0.0.1:0", "--behavior", "original", *options],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = server.stdout.readline().split()[-1]
        results = folder / "results.ndjson"
        command = [wireproof, "probe", "server", url, "--profile", "original", "--results", results]
        done = subprocess.run(command + (["--expected-failures", EXPECTED] if expected else []), capture_output=True, text=True)
    finally:
        server.terminate()
        server.wait()
    cases = [row for row in map(json.loads, results.read_text().splitlines()) if row["type"] == "case"]
    wrong = [row for row in cases if row["verdict"] in ("fail", "errored")]
    unsteady = {row["id"] for row in wrong if "runs" in row and row["runs"]["failed"] < row["runs"]["total"]}
    return done.returncode, {row["id"] for row in wrong}, unsteady, {row["id"] for row in cases}, done.stdout + done.stderr


def now_and_then(name, ids):
    if ids:
        print(f"original, {name}: failed in some runs, and is not on the list: {', '.join(sorted(ids))}")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    wireproof = pathlib.Path(sys.argv[1]).resolve()
    always, sometimes = ids()
    with tempfile.TemporaryDirectory() as name:
        for number in range(int(sys.argv[2]) if len(sys.argv) == 3 else 1):
            code, failed, unsteady, run, output = probe(wireproof, pathlib.Path(name), ["--compress"], True)
            unlisted = failed - sometimes - always
            if code != (1 if unlisted else 0) or unlisted - unsteady or always & run - failed:
                print(output)
                sys.exit(f"original, compressed, run {number + 1}: exit code {code}; fails and is not on the list: "
                         f"{sorted(unlisted)}; does not fail: {sorted(always & run - failed)}")
            print(f"original, compressed: exit code {code}, the {len(failed - unlisted)} cases of the list fail")
            now_and_then("compressed", unlisted)
        plain = {case for case in always if not case.startswith("deflate.")}
        code, failed, unsteady, run, output = probe(wireproof, pathlib.Path(name), [], False)
        unlisted = failed - sometimes - plain
        # A server without the extension does not have to be asked about its grammar.
        if "isolation.leaver" not in failed or unlisted - unsteady:
            print(output)
            sys.exit(f"original, plain: fails and is not on the list: {sorted(unlisted)}; "
                     f"does not fail: {sorted(plain & run - failed)}")
        print(f"original, plain: {len(failed)} cases fail: {', '.join(sorted(failed))}")
        now_and_then("plain", unlisted)


if __name__ == "__main__":
    main()
