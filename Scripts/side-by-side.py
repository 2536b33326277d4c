#!/usr/bin/env python3
"""Runs two commands at the same time and shows their outputs one after the other.

    side-by-side.py FIRST SECOND

Both are lines of the shell. The output of FIRST is shown as it comes; that of SECOND waits until FIRST has ended, so that
the last lines are SECOND's. The exit code is that of the first of the two that fails, which ends the other as well; else 0.
Where SECOND fails, the faults that it named among thousands of lines are shown once more at the end.
"""
import os
import signal
import subprocess
import sys
import tempfile
import threading


def shell(line, output):
    # A session of its own: ending a command ends what it started.
    return subprocess.Popen(["/bin/sh", "-ec", line], stdout=output, stderr=subprocess.STDOUT, start_new_session=True)


def end(process):
    try:
        os.killpg(process.pid, signal.SIGTERM)
    except ProcessLookupError:
        pass


def show(file):
    """Copies what was written so far to standard output."""
    while chunk := file.read(1 << 16):
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def show_faults(log):
    """Repeats what Swift Testing marks as failed, with the lines that explain it."""
    faults, is_fault = [], False
    for line in log.read().decode(errors="replace").splitlines():
        is_fault = line.startswith("\u2718") or is_fault and line.startswith("\u21b3")
        if is_fault:
            faults.append(line)
    # The last is the runner's own closing line, which has been seen.
    if len(faults) > 1:
        print("\nWhat failed:", *faults[:-1][:60], sep="\n", flush=True)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with tempfile.NamedTemporaryFile() as log, open(log.name, "rb") as held:
        first, second = shell(sys.argv[1], None), shell(sys.argv[2], log)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: (end(first), end(second)))
        # The first failure ends the other: nobody waits ten minutes for a verdict that is known.
        def follow():
            if second.wait() != 0:
                end(first)
        threading.Thread(target=follow, daemon=True).start()
        status = first.wait()
        if status != 0 and second.poll() is None:
            end(second)
        while second.poll() is None:
            show(held)
            try:
                second.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
        show(held)
        if second.returncode > 0:
            held.seek(0)
            show_faults(held)
        failed = second.returncode if status == 0 or second.returncode > 0 else status
        sys.exit(1 if failed < 0 else failed)


if __name__ == "__main__":
    main()
