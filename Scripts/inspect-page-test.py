#!/usr/bin/env python3
"""Opens the page of `inspect --format html` in Chromium: records against ndjson, search, keys, plots, hostile captures, 50,000 frames,
narrow, dark, contrast, print, no script.

Usage: inspect-page-test.py WIREPROOF [--screenshots DIR]. Playwright (PyPI) drives the Chromium of the system. Where Playwright cannot
be had, `--dump-dom` shows that the page loads. Exit code 1 if a check fails; 0 with one line if there is no Chromium. How long the page of
50,000 frames takes is printed and not judged.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import browser
from inspect_page import captures, checks

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = ["go-client-rpc", "bad-magic", "interleaved", "displacement", "rpc-timeout", "cpp-client"]


def inspect(wireproof, capture, folder, name, *options):
    """Writes a page and an ndjson of a capture."""
    for form in ("html", "ndjson"):
        done = subprocess.run([wireproof, "inspect", "--format", form, "--output", folder / f"{name}.{form}", *options, capture])
        if done.returncode != 0:
            raise checks.Failed(f"wireproof inspect --format {form} {capture.name} gave exit code {done.returncode}")


def drive(program, folder, screenshots):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=program, args=["--no-sandbox"])
        pages = checks.Pages(chromium, folder)
        records = sum(checks.check_records(pages, name) for name in SHARED)
        checks.check_ladder(pages, "go-client-rpc")
        checks.check_calls_alone(pages, "calls")
        checks.check_search(pages, "interleaved")
        checks.check_keys(pages, "bad-magic")
        checks.check_hostile(pages, "hostile")
        checks.check_looks(pages, "displacement")
        checks.check_paper(pages, "rpc-timeout")
        said = checks.check_large(pages, "large")
        if screenshots:
            checks.take_screenshots(pages, pathlib.Path(screenshots), ["large", "bad-magic", "hostile"])
        if pages.faults:
            raise checks.Failed(f"the browser complains: {pages.faults[:3]}")
        chromium.close()
    print(f"inspect page: {records} records of {len(SHARED)} captures as in ndjson; search, keys, plots, hostile texts, contrast, narrow, "
          f"print are right; {said}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("wireproof", help="the executable")
    parser.add_argument("--screenshots", metavar="DIR", help="keep pictures of the page here")
    parser.add_argument("--drive", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        if options.drive:
            return drive(options.drive[0], pathlib.Path(options.drive[1]), options.screenshots)
        program = browser.chromium("inspect page")
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            captures.large(folder / "large.pcap")
            captures.hostile(folder / "hostile.pcap")
            for capture in [ROOT / "captures" / f"{name}.pcap" for name in SHARED] + [folder / "large.pcap", folder / "hostile.pcap"]:
                inspect(options.wireproof, capture, folder, capture.stem)
            inspect(options.wireproof, ROOT / "captures" / "rpc-timeout.pcap", folder, "calls", "--filter", "type == rpc")
            python = browser.playwright()
            if python is None:
                dump = subprocess.run([program, "--headless", "--no-sandbox", "--dump-dom", (folder / "bad-magic.html").as_uri()],
                                      capture_output=True, text=True, timeout=120).stdout
                if 'data-read="' not in dump or dump.count('role="option"') < 10:
                    raise checks.Failed("Chromium does not load the page, or its script does not run")
                print("inspect page: it loads; the rest is skipped, Playwright cannot be installed from PyPI")
                return None
            return subprocess.run([python, *sys.argv, "--drive", program, folder]).returncode
    except checks.Failed as failure:
        print(f"inspect page: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
