#!/usr/bin/env python3
"""Builds the harness of a Go client with the interface of goutils/ws, from a checkout of its module.

    wrap.py MODULE_DIRECTORY [--package ws] [--output .build/adapters/go-wrapped]

The module's dependencies have to be in Go's cache, or where GOPROXY says. A go.work of its own joins the modules: nothing is
written into the checkout.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def advice(errors, newest):
    """What to do about a build that failed, by what the compiler says."""
    if re.search(r"requires go >= |note: module requires Go|go\.mod:\d+: (invalid go version|unknown directive)|invalid go version", errors):
        return f"it asks for Go {newest[1] if newest else '?'}: see `go version`"
    if re.search(r"no required module|missing go.sum entry|dial tcp|cannot find module|no such host|is not in GOROOT|not in std", errors):
        return "what it needs has to be in Go's cache, or where GOPROXY says: run `go mod download` in the module first"
    if re.search(r"undefined: ws\.|does not implement|has no field or method|cannot use |not enough arguments|too many arguments", errors):
        return "its interface is not that of goutils/ws 1.3.3 and later, which wrapped/main.go uses: name the package with --package, or change a copy"
    return "the compiler says why"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("module", type=Path, help="the folder with its go.mod")
    parser.add_argument("--package", default="ws", help="the package's folder in it")
    parser.add_argument("--build-flag", action="append", default=[], metavar="FLAG", help="one more flag of `go build`, as --build-flag=-race")
    parser.add_argument("--output", type=Path, default=Path(".build/adapters/go-wrapped"))
    options = parser.parse_args()
    try:
        declared = re.search(r"^module\s+(\S+)", (options.module / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError as fault:
        parser.error(f"no module there: {fault}")
    if declared is None:
        parser.error(f"{options.module / 'go.mod'} names no module")
    if not any((options.module / options.package).glob("*.go")):
        parser.error(f"no Go files in {options.module / options.package}: name the package's folder with --package")
    work = options.output.resolve().with_name(options.output.name + "-source")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    source = (HERE / "wrapped/main.go").read_text(encoding="utf-8")
    path = declared[1] if options.package == "." else f"{declared[1]}/{options.package}"
    (work / "main.go").write_text(source.replace('"example.org/original/ws"', f'ws "{path}"'), encoding="utf-8")
    (work / "go.mod").write_text("module example.org/wrapped\n\ngo 1.19\n", encoding="utf-8")
    used = "".join(f"use {folder}\n" for folder in (work, HERE, options.module.resolve()))
    newest = re.search(r"^go\s+(\S+)", (options.module / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    (work / "go.work").write_text(f"go {newest[1] if newest else '1.19'}\n{used}", encoding="utf-8")
    environment = {**os.environ, "GOWORK": str(work / "go.work"), "GOFLAGS": "-mod=readonly"}
    try:
        done = subprocess.run(["go", "build", *options.build_flag, "-o", str(options.output.resolve()), "."], cwd=work, env=environment,
                              stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    except FileNotFoundError:
        print("wrap.py: go is not installed (Debian: golang-go)", file=sys.stderr)
        return 2
    if done.returncode != 0:
        print(done.stderr, end="", file=sys.stderr)
        print(f"wrap.py: {path} cannot be built; {advice(done.stderr, newest)}", file=sys.stderr)
        return 1
    shown = options.output if options.output.is_absolute() else f"./{options.output}"
    print(f"{options.output}: drives {path}\nwireproof probe client --profile {HERE / 'wrapped.yaml'} -- {shown} {{url}}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
