#!/usr/bin/env python3
"""Fuzzes one target or all: makes the seeds, runs libFuzzer, and prints how much was run, what it reached, and what it found.

Usage: run.py SECONDS [TARGET]...   (make fuzz builds the program first)
       run.py keep [TARGET]...      puts what reaches most into the corpus of the repository

Inputs that stop a target are left in .crashes/; the exit code is 1 then. Each becomes a unit test.
"""
import os
import pathlib
import re
import subprocess
import sys

import seeds

HERE = pathlib.Path(__file__).resolve().parent
FILES = ("script", "profile", "result", "vector", "expected")
TARGETS = sorted([*seeds.SEEDS, *(f"inspect-{kind}" for kind in (
    "text", "full", "dialogue", "ndjson", "html", "csv", "stats", "stats-ndjson", "check", "filter"))])
# How large the inputs of the repository's corpus are, and how many are kept for a target.
KEPT_INPUT, KEPT_INPUTS = 2048, 64


def program(target):
    return HERE / ".build/release" / ("fuzz-files" if target in FILES else "fuzz-wire")


def environment(target):
    # Swift's own backtraces would come before libFuzzer saves the input. Its memory is counted by references, which the leak
    # checker sees; what a process keeps for good is none of its business.
    return {**os.environ, "FUZZ_TARGET": target, "SWIFT_BACKTRACE": "enable=no", "ASAN_OPTIONS": "detect_leaks=0", "NO_COLOR": "1"}


def fuzz(target, seconds):
    corpus, crashes = HERE / ".corpus" / target, HERE / ".crashes" / target
    seeds.write(target, corpus)
    crashes.mkdir(parents=True, exist_ok=True)
    kept = HERE / "Corpus" / target
    command = [program(target), corpus, *([kept] if kept.is_dir() else []), f"-max_total_time={seconds}", "-timeout=60",
               "-rss_limit_mb=2048", "-max_len=65536", f"-artifact_prefix={crashes}/", "-print_final_stats=1", "-close_fd_mask=3"]
    done = subprocess.run(command, env=environment(target), capture_output=True, text=True, errors="replace")
    states = re.findall(r"#(\d+)\s.*cov: (\d+) ft: (\d+) corp: (\d+)/", done.stderr)
    runs = re.findall(r"number_of_executed_units:\s*(\d+)", done.stderr)
    speed = re.findall(r"average_exec_per_sec:\s*(\d+)", done.stderr)
    _, coverage, features, kept_inputs = states[-1] if states else ("0", "0", "0", "0")
    found = "nothing" if done.returncode == 0 else re.findall(r"(?:Test unit written to|ERROR: libFuzzer:) (.*)", done.stderr)[-1:] or "it ended"
    print(f"{target:22} {runs[-1] if runs else '-':>10} {speed[-1] if speed else '-':>8} {coverage:>8} {features:>8} "
          f"{kept_inputs:>7}  {found if isinstance(found, str) else found[0]}", flush=True)
    if done.returncode != 0:
        (crashes / "last.log").write_text(done.stderr)
    return done.returncode == 0


def keep(target):
    """The smallest inputs that reach everything that the corpus reaches, up to a size."""
    corpus, kept = HERE / ".corpus" / target, HERE / "Corpus" / target
    least = HERE / ".corpus" / f"{target}.least"
    for folder in (least, kept):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
    subprocess.run([program(target), "-merge=1", "-timeout=60", "-close_fd_mask=3", least, corpus], env=environment(target), check=True,
                   capture_output=True)
    made = HERE / ".corpus" / f"{target}.made"
    seeds.write(target, made)
    # What is made from the vectors is not stored twice.
    known = {path.read_bytes() for path in made.iterdir()}
    found = [path for path in sorted(least.iterdir(), key=lambda path: path.stat().st_size)
             if path.stat().st_size <= KEPT_INPUT and path.read_bytes() not in known]
    # Of every size some.
    for path in found[::max(1, -(-len(found) // KEPT_INPUTS))]:
        (kept / path.name).write_bytes(path.read_bytes())


def main():
    if len(sys.argv) < 2 or not (sys.argv[1].isdigit() or sys.argv[1] == "keep"):
        sys.exit(__doc__)
    targets = sys.argv[2:] or TARGETS
    unknown = [target for target in targets if target not in TARGETS]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; the targets are {', '.join(TARGETS)}")
    if sys.argv[1] == "keep":
        for target in targets:
            keep(target)
        return
    print(f"{'target':22} {'runs':>10} {'runs/s':>8} {'coverage':>8} {'features':>8} {'corpus':>7}  found")
    sys.exit(0 if all([fuzz(target, sys.argv[1]) for target in targets]) else 1)


if __name__ == "__main__":
    main()
