#!/usr/bin/env python3
"""Probes `serve --behavior original`, with compression and without, against the list of what the original itself fails.

With compression exactly the ids of vectors/probes/original.expected have to fail, those that may fail aside; without it
isolation.leaver and the grammar of extensions alone. Exit code 1 if that is not so.

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
    records = [json.loads(line) for line in results.read_text().splitlines()]
    failed = {record["id"] for record in records if record.get("verdict") in ("fail", "errored")}
    return done.returncode, failed, {record["id"] for record in records if record["type"] == "case"}, done.stdout + done.stderr


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    wireproof = pathlib.Path(sys.argv[1]).resolve()
    always, sometimes = ids()
    with tempfile.TemporaryDirectory() as name:
        for number in range(int(sys.argv[2]) if len(sys.argv) == 3 else 1):
            code, failed, run, output = probe(wireproof, pathlib.Path(name), ["--compress"], True)
            if code != 0 or failed - sometimes != always & run:
                print(output)
                sys.exit(f"original, compressed, run {number + 1}: exit code {code}; fails and is not on the list: "
                         f"{sorted(failed - sometimes - always)}; does not fail: {sorted(always & run - failed)}")
            print(f"original, compressed: exit code 0, the {len(failed)} cases of the list fail")
        plain = {case for case in always if not case.startswith("deflate.")}
        code, failed, run, output = probe(wireproof, pathlib.Path(name), [], False)
        # A server without the extension does not have to be asked about its grammar.
        if "isolation.leaver" not in failed or failed - sometimes - plain:
            print(output)
            sys.exit(f"original, plain: fails and is not on the list: {sorted(failed - sometimes - plain)}; "
                     f"does not fail: {sorted(plain & run - failed)}")
        print(f"original, plain: {len(failed)} cases fail: {', '.join(sorted(failed))}")


if __name__ == "__main__":
    main()
