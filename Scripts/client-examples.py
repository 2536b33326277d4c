#!/usr/bin/env python3
"""Runs the examples of docs/testing-your-client.md as they stand there: pytest, node:test and go test.

A block of code whose first line is a comment with a file's name is that file. What a machine lacks (node, go, the packages of PyPI
or of Go's module proxy) is said, and is no failure.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import python_package

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Of the package golang-github-gorilla-websocket-dev.
DEBIAN_GORILLA = "/usr/share/gocode/src/github.com/gorilla/websocket"
BLOCK = re.compile(r"^```\w+\n((?:#|//) ([\w.-]+\.\w+)\n.*?)^```$", re.DOTALL | re.MULTILINE)


def run(name, command, folder, environment):
    """Whether the tests of an example pass."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    if done.returncode:
        print(f"client examples: {name} failed\n{done.stdout}{done.stderr}")
    else:
        print(f"client examples: {name} passed")
    return done.returncode == 0


def go(folder, environment):
    """The example in Go: its one dependency comes from Go's module proxy or, where that is out of reach, from Debian's package."""
    module = "module client\n\ngo 1.19\n\nrequire github.com/gorilla/websocket v1.5.3\n"
    (folder / "go.mod").write_text(module)
    tidy = ["go", "mod", "tidy"]
    if subprocess.run(tidy, cwd=folder, capture_output=True).returncode:
        (folder / "go.mod").write_text(f"{module}\nreplace github.com/gorilla/websocket => {DEBIAN_GORILLA}\n")
        fetched = subprocess.run(tidy, cwd=folder, capture_output=True, text=True)
        if fetched.returncode:
            print(f"client examples: go test skipped, gorilla/websocket cannot be had: {fetched.stderr.strip()[-200:]}")
            return True
    return run("go test", ["go", "test", "./..."], folder, environment)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wireproof", default=str(ROOT / ".build" / "debug" / "wireproof"))
    wireproof = os.path.abspath(parser.parse_args().wireproof)
    good = True
    with tempfile.TemporaryDirectory(prefix="wireproof-") as name:
        folder = pathlib.Path(name)
        for text, file in BLOCK.findall((ROOT / "docs" / "testing-your-client.md").read_text()):
            (folder / file).write_text(text)
        environment = {**os.environ, "WIREPROOF": wireproof}
        try:
            python = python_package.find(["pytest", "websockets"], ["pytest", "websockets.sync.client"],
                                         ROOT / ".build" / "client-examples")
            good &= run("pytest", [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_client.py"], folder, environment)
        except python_package.Lacking as lack:
            print(f"client examples: pytest skipped, {lack}")
        node = shutil.which("node")
        if node and subprocess.run([node, "--experimental-websocket", "-e", "new WebSocket.prototype.constructor('ws://x')"],
                                   capture_output=True).returncode != 9:
            good &= run("node:test", [node, "--experimental-websocket", "--test", "client.test.mjs"], folder, environment)
        else:
            print("client examples: node:test skipped, there is no node with a WebSocket")
        if shutil.which("go"):
            good &= go(folder, environment)
        else:
            print("client examples: go test skipped, there is no go")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
