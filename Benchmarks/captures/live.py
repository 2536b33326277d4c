#!/usr/bin/env python3
"""Holds live capture on loopback against a steady rate of frames: none may be lost.

    sudo live.py [--wireproof PROGRAM] [--rate FRAMES] [--seconds N] [--connections N] [MODE...]

A client and a server in C (live_sender.c) call and answer on 127.0.0.1; `wireproof inspect --interface lo` looks on. The modes are
stats (--stats --format ndjson), ndjson (all records), check (--check), and ring (--stats with --ring: every violation and slow call
is kept). Frames, calls and lost packets of each run are compared with what was sent. Exit code 1 where something is missing.
"""
import argparse
import base64
import hashlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MODES = {
    "stats": ["--stats", "--format", "ndjson"],
    "ndjson": ["--format", "ndjson"],
    "check": ["--check"],
    "ring": ["--stats", "--format", "ndjson", "--ring"],
}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def upgrades(connections):
    """For each connection the key of its upgrade request and what accepts it (RFC 6455 section 4.2.2)."""
    for number in range(connections):
        key = base64.b64encode(number.to_bytes(16, "big")).decode()
        yield key
        yield base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


def counts(mode, text):
    """Frames, calls, findings and lost packets as the inspector says."""
    if mode != "check":
        summary = json.loads(text.splitlines()[-1])
        return [summary[name] for name in ("frames", "rpcs", "findings", "lost")]
    found = [int(re.search(rf"(\d+) {noun}s?\b", text.splitlines()[-1])[1]) for noun in ("frame", "call", "finding")]
    lost = re.search(r"(\d+) packets? could not be captured", text)
    return found + [int(lost[1]) if lost else 0]


def run(mode, arguments, sender, folder):
    port = free_port()
    command = [arguments.wireproof, "inspect", "--interface", "lo", "--bpf", f"tcp port {port}"] + MODES[mode]
    if mode == "ring":
        command.append(folder + "/ring")
    with open(folder + "/output", "w+") as output:
        inspector = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        # Only the last lines matter, and a file of all records would be large.
        tail = subprocess.Popen(["tail", "-n", "100"], stdin=inspector.stdout, stdout=output)
        inspector.stdout.close()
        said = inspector.stderr.readline()
        if "capturing on" not in said:
            sys.exit(said.strip())
        load = [sender, str(port), str(arguments.rate), str(arguments.seconds), "64", *upgrades(arguments.connections)]
        sent, elapsed = subprocess.run(load, check=True, capture_output=True, text=True).stdout.split()
        inspector.send_signal(signal.SIGINT)
        rest = inspector.stderr.read()
        _, status, usage = os.wait4(inspector.pid, 0)
        inspector.returncode = os.waitstatus_to_exitcode(status)
        tail.wait()
        output.seek(0)
        text = output.read()
    if inspector.returncode != 0:
        sys.exit(f"{mode}: the inspector ended with {inspector.returncode}: {rest.strip()}")
    frames, calls, findings, lost = counts(mode, text)
    cpu = usage.ru_utime + usage.ru_stime
    # TCP sends something again where the machine is busy, which is a finding and no loss.
    good = frames == int(sent) and calls * 2 == int(sent) and lost == 0
    print(f"{mode:7} {int(sent):9,} frames sent in {float(elapsed):5.1f} s ({int(sent) / float(elapsed):8,.0f}/s), {frames:9,} seen, "
          f"{calls:9,} calls, {lost} packets lost, {findings} findings; CPU {cpu / float(elapsed) * 100:3.0f}% of a core, "
          f"{usage.ru_maxrss / 1024:.0f} MiB", flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wireproof", default=str(HERE.parent.parent / ".build/release/wireproof"))
    parser.add_argument("--rate", type=int, default=20_000, help="frames a second, of both sides together")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("modes", nargs="*", metavar="MODE", help=", ".join(MODES))
    arguments = parser.parse_args()
    if unknown := set(arguments.modes) - set(MODES):
        parser.error(f"there is no mode {min(unknown)}")
    with tempfile.TemporaryDirectory() as folder:
        sender = folder + "/live_sender"
        subprocess.run(["cc", "-O2", "-pthread", "-o", sender, HERE / "live_sender.c"], check=True)
        results = [run(mode, arguments, sender, folder) for mode in arguments.modes or MODES]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
