#!/usr/bin/env python3
"""Runs the vectors and all probes against the reference, server and client, with everything on that it can do, and asks what they
exercised: a MUST that lacks an accepting or a violating case is a gap in the suite, and so is a rule of clients that no probe of a
client accepts or violates. Exit 0 when there is none.

Usage: coverage.py WIREPROOF
"""
import pathlib
import subprocess
import sys
import tempfile

# As the head of vectors/profiles/full.yaml says.
OPTIONS = ["--compress", "--context-takeover", "--revision", "auto", "--versions", "1-3", "--charsets", "0,1", "--read-wait", "4",
           "--trust-proxy", "--origin", "https://example.org"]


# What a client is asked about compression depends on its offer; our own makes few of those that there are, so that a client by which
# each can be made takes its place.
OTHER = [sys.executable, str(pathlib.Path(__file__).resolve().parent / "independent-client.py")]
OWN_PROFILE = "client-reference"
OTHER_PROFILE = str(pathlib.Path(__file__).resolve().parent / "independent_client" / "profile.yaml")
NARROW = "permessage-deflate; server_max_window_bits=10; server_no_context_takeover"


def main():
    wireproof = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as directory:
        vectors, probes = (pathlib.Path(directory) / name for name in ("vectors.ndjson", "probes.ndjson"))
        run([wireproof, "verify", "--results", vectors])
        # The server that negotiates refuses some of what one that does not takes: both together show all.
        for number, (options, more) in enumerate(((OPTIONS, ["--profile", "full", "--all"]), ([], []))):
            # The probe starts the server, so that it can see what memory and threads it holds.
            run([wireproof, "probe", "server", "ws://127.0.0.1:0/join", *more, "--results", f"{probes}{number}", "--",
                 wireproof, "serve", "--listen", "127.0.0.1:{port}", *options])
        answers = ["--filter", "client-deflate-answer.*"]
        for number, (command, more) in enumerate((
                ([wireproof, "connect", "{url}", "--behavior", "driver", "--compress", "--context-takeover"],
                 ["--profile", OWN_PROFILE]),
                ([*OTHER, "--offer", NARROW, "{url}"], ["--profile", OTHER_PROFILE, *answers]),
                ([*OTHER, "{url}"], ["--profile", OTHER_PROFILE, *answers])), 2):
            run([wireproof, "probe", "client", *more, "--results", f"{probes}{number}", "--", *command])
        sys.exit(subprocess.run(
            [wireproof, "coverage", "--strict", vectors, *(f"{probes}{number}" for number in range(5))]).returncode)


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    print(done.stdout.strip().splitlines()[-2])
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}\nexit {done.returncode}")


if __name__ == "__main__":
    main()
