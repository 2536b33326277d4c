#!/usr/bin/env python3
"""Runs the steps of a workflow of this repository on this machine, or looks whether they could be.

    workflow_steps.py NAME      runs the `run` steps of .github/workflows/NAME.yml, one after the other
    workflow_steps.py           looks only: make has every target that a workflow names, and the workflow of tests has the
                                commands of .ci/run, no more and no less
"""
import pathlib
import re
import subprocess
import sys
import time

import release

sys.path.insert(0, str(release.ROOT / "Scripts"))
import python_package  # noqa: E402

FOLDER = release.ROOT / ".github" / "workflows"


def steps(yaml, name):
    """The name and the command of each step that runs something."""
    workflow = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return [(step["name"], step["run"]) for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]


def run(yaml, name):
    for title, command in steps(yaml, name):
        begun = time.monotonic()
        print(f"{title}: $ {command}", flush=True)
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", command], cwd=release.ROOT)
        print(f"{title}: {time.monotonic() - begun:.1f} s, exit code {done.returncode}", flush=True)
        if done.returncode != 0:
            return 1
    return 0


def look(yaml):
    faults = []
    targets = set(re.findall(r"^([a-z-]+):", (release.ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for path in sorted(FOLDER.glob("*.yml")):
        for title, command in steps(yaml, path.stem):
            for target in re.findall(r"^make (\S+)$", command, re.M):
                if target not in targets:
                    faults.append(f"{path.name}, {title}: make has no target {target}")
    gate = re.findall(r"^make \S+$", (release.ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.M)
    tested = [command for _, command in steps(yaml, "test") if command.startswith("make ")]
    if gate != tested:
        faults.append(f"test.yml runs {', '.join(tested)}; .ci/run runs {', '.join(gate)}")
    for fault in faults:
        print(f"workflow steps: {fault}")
    if not faults:
        print("workflow steps: every step can be run here, and the tests are those of .ci/run")
    return 1 if faults else 0


def main():
    python = python_package.provide(["PyYAML"], ["yaml"], release.ROOT / ".build" / "yaml", "workflow steps")
    sys.path.append(str(next((python.parent.parent / "lib").glob("python*/site-packages"))))
    import yaml

    return run(yaml, sys.argv[1]) if len(sys.argv) > 1 else look(yaml)


if __name__ == "__main__":
    sys.exit(main())
