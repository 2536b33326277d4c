#!/usr/bin/env python3
"""Opens a report in Chromium: filters, deep links, a case, keys, no script, narrow, dark, contrast, print.

Usage: report-page-test.py WIREPROOF. Makes results of a right and a wrong adapter, writes the page and drives it with
Playwright (PyPI) and the Chromium of the system. Where Playwright cannot be had, `--dump-dom` shows that the page loads.
Exit code 1 if a check fails; 0 with one line if there is no Chromium.
"""
import pathlib
import subprocess
import sys
import tempfile

import browser

ROOT = pathlib.Path(__file__).resolve().parent.parent
ADAPTERS = ROOT / "Tests" / "ConformanceTests" / "Adapters"
CASE = "frame.encode.v1_3_3.id-0"


def fail(what):
    print(f"report page: {what}")
    sys.exit(1)


def make_page(wireproof, folder):
    files = []
    for name in ("sn-off-by-one", "length-off-by-one"):
        file = folder / f"{name}.ndjson"
        subprocess.run([wireproof, "verify", "--iut", f"{sys.executable} {ADAPTERS / name}.py", "--filter", "frame.encode.*",
                        "--filter", "rpc.*", "--results", file], stdout=subprocess.DEVNULL, check=False)
        files.append(file)
    page = folder / "report.html"
    done = subprocess.run([wireproof, "report", *files, "--format", "html", "--output", page])
    if done.returncode != 0:
        fail(f"wireproof report gave exit code {done.returncode}")
    return page


def drive(program, address):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=program, args=["--no-sandbox"])

        def opened(fragment="", **options):
            page = chromium.new_context(**options).new_page()
            page.faults = []
            page.on("pageerror", lambda error: page.faults.append(str(error)))
            page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
            page.on("request", lambda request: page.faults.append(request.url)
                    if not request.url.startswith(("file:", "data:")) else None)
            page.goto(address + fragment)
            return page

        def shown(page, selector="#list details.case"):
            return page.evaluate("s => [...document.querySelectorAll(s)].filter(e => !e.closest('[hidden]')).length", selector)

        page = opened()
        whole = shown(page)
        if whole < 50:
            fail(f"only {whole} cases are on the page")
        page.select_option("#cases select[name=verdict]", "fail")
        failing = shown(page)
        if not 0 < failing < whole:
            fail(f"the filter of verdicts shows {failing} of {whole} cases")
        page.fill("#cases input[name=text]", "id-0")
        if not 0 < shown(page) < failing:
            fail("the filter of texts shows nothing, or all")
        if "verdict=fail" not in page.url or "text=id-0" not in page.url:
            fail(f"the filters are not in the address: {page.url}")
        again = opened("#" + page.url.split("#")[1])
        if shown(again) != shown(page):
            fail("the address of filters shows something else")
        page.fill("#cases input[name=text]", "no such case anywhere")
        if shown(page) != 0 or "0 of" not in page.inner_text("#cases output"):
            fail("a text that no case has shows cases")
        page.reload()
        page.keyboard.press("/")
        if page.evaluate("document.activeElement.name") != "text":
            fail("the key / does not go to the search")

        for script in (True, False):
            page = opened(f"#case-{CASE}", java_script_enabled=script)
            item = page.locator("details.case[open]")
            if item.count() != 1 or CASE not in item.locator("summary").first.inner_text():
                fail(f"the deep link does not open its case {'with' if script else 'without'} JavaScript")
            if not item.locator("mark").first.is_visible() or not item.locator(".ladder").first.is_visible():
                fail("the case page lacks the marked difference or the ladder")
        page = opened()
        page.click(f"#requirements a[href='#case-{CASE}'] >> nth=0", force=True, no_wait_after=True) if page.locator(
            f"#requirements details[open] a[href='#case-{CASE}']").count() else page.evaluate(
            "c => { location.hash = 'case-' + c }", CASE)
        page.wait_for_selector("details.case[open]")

        for scheme in ("light", "dark"):
            page = opened(f"#case-{CASE}", color_scheme=scheme)
            for color, ground, what in page.evaluate(browser.COLOURS):
                if browser.contrast(color, ground) < 4.5:
                    fail(f"the contrast of {what!r} is {browser.contrast(color, ground):.2f} ({scheme}: {color} on {ground})")
        page = opened(viewport={"width": 400, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > 400:
            fail("the page is wider than a telephone")
        for what in (".subjects td.num:not(.zero)", ".case > summary .du", ".state small"):
            if not page.evaluate("s => [...document.querySelectorAll(s)].some(e => e.getClientRects().length)", what):
                fail(f"a telephone does not show {what}")
        nameless = page.evaluate("""() => [...document.querySelectorAll('[role=img],input,select,section,nav,table')]
          .filter(e => !(e.title || e.ariaLabel || e.getAttribute('aria-labelledby') || e.closest('label') || e.tagName === 'TABLE'
            || e.querySelector('h2,h3,h4'))).length""")
        if nameless:
            fail(f"{nameless} parts have no accessible name")
        if len(opened().pdf(format="A4")) < 10_000:
            fail("the page cannot be printed")
        if page.faults:
            fail(f"the browser complains: {page.faults[:3]}")
        chromium.close()
    print(f"report page: {whole} cases, {failing} failing; filters, links, keys, contrast, narrow, print are right")


def main():
    if len(sys.argv) == 4:
        return drive(sys.argv[2], sys.argv[3])
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = browser.chromium("report page")
    with tempfile.TemporaryDirectory() as folder:
        page = make_page(sys.argv[1], pathlib.Path(folder))
        python = browser.playwright()
        if python is None:
            dump = subprocess.run([program, "--headless", "--no-sandbox", "--dump-dom", page.as_uri()],
                                  capture_output=True, text=True, timeout=120).stdout
            # The script has run where the forms are shown.
            if f'id="case-{CASE}"' not in dump or '<form class="filters" hidden' in dump:
                fail("Chromium does not load the page, or its script does not run")
            print("report page: it loads; the rest is skipped, Playwright cannot be installed from PyPI")
            return
        sys.exit(subprocess.run([python, __file__, "--drive", program, page.as_uri()]).returncode)


if __name__ == "__main__":
    main()
