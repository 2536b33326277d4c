#!/usr/bin/env python3
"""Measures `wireproof inspect` next to what else reads captures: tcpdump, a loop over libpcap, a decode without any robustness in
C, and tshark with a dissector. All run in turns over the same files, which are in the page cache.

Prints wall and CPU seconds (medians), peak memory, and CPU as a multiple of the C decode. Fails when frames or calls are missing.

Usage: compare.py [--wireproof PATH] [--rounds 5] [--large] [--keep DIRECTORY]
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
FILES = (("plain", ["--megabytes", "200"]), ("deflate", ["--megabytes", "50", "--deflate"]))
LARGE = ("large", ["--megabytes", "2000"])


def measured(command):
    """Runs a command; gives wall and CPU seconds, peak KiB, and the last kilobytes of what it wrote."""
    output = tempfile.TemporaryFile()
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {os.waitstatus_to_exitcode(status)}")
    output.seek(max(0, output.tell() - 4096))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, output.read().decode(errors="replace")


def quiet(command):
    """The same, with the output thrown away, as users who want speed do."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def programs(directory):
    """The C programs, compiled."""
    for name, library in (("straight_decode", "-lz"), ("count", "-lpcap")):
        subprocess.run(["cc", "-O2", "-o", directory / name, HERE / f"{name}.c", library], check=True)


def commands(wireproof, directory, path):
    yield "inspect --stats", [wireproof, "inspect", "--stats", path]
    yield "inspect --format ndjson", [wireproof, "inspect", "--format", "ndjson", path]
    yield "straight C decode", [directory / "straight_decode", path]
    yield "libpcap count loop", [directory / "count", path]
    if shutil.which("tcpdump"):
        yield "tcpdump -w /dev/null", ["tcpdump", "-r", path, "-w", "/dev/null"]
    if shutil.which("tshark"):
        yield "tshark", ["tshark", "-r", path, "-d", "tcp.port==8003,http", "-X", f"lua_script:{HERE}/goutils.lua", "-Y", "goutils",
                         "-T", "fields", "-e", "goutils.id", "-e", "goutils.sn", "-e", "goutils.length"]


def check(wireproof, path, truth):
    """Both forms must give all that the generator put in, and no finding."""
    for arguments in (["--stats", "--format", "ndjson"], ["--format", "ndjson"]):
        summary = json.loads(measured([wireproof, "inspect", *arguments, path])[3].strip().splitlines()[-1])
        wrong = [key for key in ("packets", "connections", "frames", "rpcs") if summary[key] != truth[key]]
        if wrong or summary["findings"]:
            sys.exit(f"{path}: inspect {' '.join(arguments)} says {summary}, but the file has {truth}")


def compare(wireproof, directory, name, options, rounds):
    path = directory / f"{name}.pcap"
    truth = json.loads(subprocess.run([sys.executable, HERE / "generate.py", path, *options], check=True, capture_output=True).stdout)
    check(wireproof, path, truth)
    everything = dict(commands(wireproof, directory, path))
    results = {label: [] for label in everything}
    for turn in range(rounds):
        for label, command in everything.items():
            if label == "tshark" and turn > 0:
                continue
            results[label].append(quiet(command))
    floor = statistics.median(cpu for _, cpu, _ in results["straight C decode"])
    print(f"\n{name}: {truth['bytes'] / 1e6:.0f} MB, {truth['packets']:,} packets, {truth['frames']:,} frames, {truth['rpcs']:,} calls: all found")
    print(f"{'':26}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}{'CPU x C':>9}")
    for label, figures in results.items():
        wall, cpu, peak = (statistics.median(values) for values in zip(*figures))
        print(f"{label:26}{wall:9.3f}{cpu:9.3f}{peak / 1024:10.1f}{cpu / floor:9.1f}")
    if "tshark" in results:
        shark = results["tshark"][0][1]
        for label in list(everything)[:2]:
            print(f"{label}: {shark / statistics.median(cpu for _, cpu, _ in results[label]):.0f} times less CPU than tshark")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--wireproof", default=HERE.parent.parent / ".build/release/wireproof", type=pathlib.Path)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--large", action="store_true", help="also 2 GB, without tshark")
    arguments.add_argument("--keep", type=pathlib.Path, help="where the captures stay")
    options = arguments.parse_args()
    for tool in ("tcpdump", "tshark"):
        if not shutil.which(tool):
            print(f"compare.py: {tool} is not installed, so it is left out")
    with tempfile.TemporaryDirectory() as temporary:
        directory = options.keep or pathlib.Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        programs(directory)
        for name, parameters in FILES:
            compare(options.wireproof, directory, name, parameters, options.rounds)
        if options.large:
            path = directory / "large.pcap"
            truth = json.loads(subprocess.run([sys.executable, HERE / "generate.py", path, *LARGE[1]], check=True, capture_output=True).stdout)
            check(options.wireproof, path, truth)
            print(f"\nlarge: {truth['bytes'] / 1e6:.0f} MB, {truth['frames']:,} frames: all found")
            for label, command in list(commands(options.wireproof, directory, path))[:3]:
                wall, cpu, peak = quiet(command)
                print(f"{label:26}{wall:9.3f}{cpu:9.3f}{peak / 1024:10.1f}")


if __name__ == "__main__":
    main()
