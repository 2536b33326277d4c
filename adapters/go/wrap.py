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


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("module", type=Path, help="the folder with its go.mod")
    parser.add_argument("--package", default="ws", help="the package's folder in it")
    parser.add_argument("--output", type=Path, default=Path(".build/adapters/go-wrapped"))
    options = parser.parse_args()
    try:
        declared = re.search(r"^module\s+(\S+)", (options.module / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError as fault:
        parser.error(f"no module there: {fault}")
    if declared is None:
        parser.error(f"{options.module / 'go.mod'} names no module")
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
    done = subprocess.run(["go", "build", "-o", str(options.output.resolve()), "."], cwd=work, env=environment, check=False)
    if done.returncode == 0:
        print(f"{options.output}: drives {path}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
