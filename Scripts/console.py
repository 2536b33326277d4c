#!/usr/bin/env python3
"""Drives the console of `serve --console` as people do, in Chromium, and tries what must not work.

    console.py [--wireproof PATH] [--short] [--flood SECONDS] [--screenshots DIR]

Connects, sends, calls, is displaced by a second tab, switches faults on, saves and plays again; hostile payloads; requests of other
origins; 1,000 frames a second for so many seconds (5; the full test is 60). --short is what make test runs: one picture of the page
in light and one in dark. Needs Chromium, and Playwright from PyPI; without either the
rules of access are tried alone. Exit code 1 if a check fails.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

import browser
from console_checks import access, flood, pages
from console_checks.served import Failed, check, served

ROOT = pathlib.Path(__file__).resolve().parent.parent
WARM = 45  # seconds in which 1,000 frames each fill the lists of 20,000, twice over


def drive(options):
    from playwright.sync_api import sync_playwright

    folder = options.screenshots and pathlib.Path(options.screenshots)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as player, tempfile.TemporaryDirectory() as scratch:
        chromium = player.chromium.launch(executable_path=options.drive, args=["--no-sandbox"])
        scratch = pathlib.Path(scratch)
        with served(options.wireproof) as console:
            script = pages.check_conversation(chromium, console, scratch)
            pages.check_displacement(chromium, console)
            pages.check_behaviors(chromium, console, script)
            pages.check_texts(chromium, console)
            pages.check_foreign_page(chromium, console)
            pages.check_looks(chromium, console, folder, pages.FEW_LOOKS if options.short else pages.LOOKS)
        with served(options.wireproof, "--compress") as console:
            said = flood.check_flood(chromium, console, options.flood, WARM if options.flood >= 30 else 2)
        chromium.close()
    print(f"console: conversation, displacement, faults, texts, foreign pages, looks are right; {said}")


def check_addresses(wireproof):
    """Where a console may listen."""
    code = subprocess.run([wireproof, "serve", "--console", "0.0.0.0:0"], capture_output=True, timeout=30).returncode
    check(code == 64 or code == 2, f"--console on all addresses is not refused as a slip of the command: {code}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--wireproof", default=str(ROOT / ".build/debug/wireproof"), help="the executable")
    parser.add_argument("--short", action="store_true", help="what make test runs")
    parser.add_argument("--flood", type=int, default=5, metavar="SECONDS", help="how long 1,000 frames a second come")
    parser.add_argument("--screenshots", metavar="DIR", help="keep pictures of the page here")
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.wireproof = str(pathlib.Path(options.wireproof).resolve())
    try:
        if options.drive:
            drive(options)
            return 0
        began = time.monotonic()
        check_addresses(options.wireproof)
        with served(options.wireproof) as console:
            tried = access.check_access(console)
        print(f"console: {tried} requests are answered as they should")
    except Failed as failure:
        print(f"console: {failure}")
        return 1
    program = browser.chromium("console")
    python = browser.playwright()
    if python is None:
        print("console: the rest is skipped, Playwright cannot be installed from PyPI")
        return 0
    code = subprocess.run([python, __file__, *sys.argv[1:], "--drive", program]).returncode
    print(f"console: {time.monotonic() - began:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
