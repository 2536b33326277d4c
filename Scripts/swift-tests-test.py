#!/usr/bin/env python3
"""Holds swift-tests.py against a stand-in for `swift test`: what is run again, and what the exit code then is."""
import json
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(__file__).resolve().parent / "swift-tests.py"
# Its first argument is a plan: for each run the tests that fail, the exit code, and whether the run comes to its end.
STAND_IN = """
import json, pathlib, sys
plan, log = json.loads(sys.argv[1]), pathlib.Path(sys.argv[2])
runs = log.read_text().splitlines() if log.exists() else []
log.write_text("\\n".join([*runs, " ".join(sys.argv[3:])]))
failed, status, is_whole = plan[len(runs)]
if "--event-stream-output-path" in sys.argv:
    with open(sys.argv[sys.argv.index("--event-stream-output-path") + 1], "w") as events:
        for name, is_known in failed:
            event = {"kind": "issueRecorded", "testID": name + "/File.swift:1:2", "issue": {"isKnown": is_known}}
            print(json.dumps({"payload": event}), file=events)
        if is_whole:
            print(json.dumps({"payload": {"kind": "runEnded"}}), file=events)
sys.exit(status)
"""


def run(folder, plan):
    """The exit code, and the filters of each run."""
    log = folder / "log"
    log.unlink(missing_ok=True)
    command = [sys.executable, PROGRAM, sys.executable, folder / "stand-in.py", json.dumps(plan), log]
    status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
    words = [line.split() for line in log.read_text().splitlines()]
    return status, [[word for before, word in zip(line, line[1:]) if before == "--filter"] for line in words]


def main():
    a, b, known = ["Module.A/first()", False], ["Module.B/second(_:)", False], ["Module.A/known()", True]
    both = [r"^Module\.A/first\(\)", r"^Module\.B/second\(_:\)"]
    many = [[f"Module.A/test{number}()", False] for number in range(6)]
    cases = [
        ("nothing fails", [([], 0, True)], (0, [[]])),
        ("two fail, and pass alone", [([a, b, a], 1, True), ([], 0, True)], (0, [[], both])),
        ("one fails again", [([a], 1, True), ([a], 1, True)], (1, [[], both[:1]])),
        ("a known issue is none", [([known, a], 1, True), ([], 0, True)], (0, [[], both[:1]])),
        ("more than five fail", [(many, 1, True)], (1, [[]])),
        ("the run crashed", [([a], 1, False)], (1, [[]])),
        ("it failed and says nothing", [([], 1, True)], (1, [[]])),
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "stand-in.py").write_text(STAND_IN)
        wrong = [(about, seen, right) for about, plan, right in cases if (seen := run(folder, plan)) != right]
    for about, seen, right in wrong:
        print(f"swift-tests, {about}: exit code and filters {seen}, right would be {right}")
    print(f"swift-tests: {len(cases) - len(wrong)} of {len(cases)} right")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
