#!/usr/bin/env python3
"""Runs the Swift tests, and what fails among them once more alone, as a probe does before it accuses.

    swift-tests.py COMMAND...       COMMAND: swift test, with its options

The tests run beside the scripts, on machines of which nothing is known. Up to five that fail are run again when everything else is
over; one that fails again fails the whole, one that passes is named as unsteady, which is a fault of the test. The exit code is that
of the last run; a run that crashed is not repeated.
"""
import json
import re
import subprocess
import sys
import tempfile

MOST = 5


def failed_tests(path):
    """The tests with an issue, as `swift test --filter` takes them, or None of a run that did not come to its end."""
    failed, is_whole = {}, False
    with open(path, encoding="utf-8") as events:
        for line in events:
            event = json.loads(line)["payload"]
            is_whole = is_whole or event.get("kind") == "runEnded"
            if event.get("kind") == "issueRecorded" and not event.get("issue", {}).get("isKnown"):
                # Module.Suite/function()/File.swift:line:column: where it stands is no part of its name.
                failed[event.get("testID", "").rpartition("/")[0]] = None
    return list(failed) if is_whole else None


def main():
    command = sys.argv[1:]
    if not command:
        sys.exit(__doc__)
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as events:
        status = subprocess.run([*command, "--event-stream-output-path", events.name, "--event-stream-version", "0"]).returncode
        failed = failed_tests(events.name) if status != 0 else None
    if not failed or len(failed) > MOST or not all(failed):
        sys.exit(status if status >= 0 else 1)
    print("\nOnce more, alone, for what failed beside other work:", *failed, sep="\n  ", flush=True)
    filters = [part for name in failed for part in ("--filter", "^" + re.escape(name))]
    status = subprocess.run([*command, *filters]).returncode
    sys.exit(status if status >= 0 else 1)


if __name__ == "__main__":
    main()
