#!/usr/bin/env python3
"""Writes each project of `wireproof init server`, builds it and probes it: no case may fail.

A row for each: lines of code, seconds from `init` to the report, and what the probes came to. A language whose toolchain or library
is not on the machine is skipped, with one line that says what is missing. The one over goutils needs a newer Go and the network, and is
compiled against its interface only. `--short`: those that need no compiler, and the areas in which
a wrong server shows at once. `--language swift` compiles this package for minutes, so it runs only where it is asked for.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time

from init_projects import GOOD, ROOT, Missing, environment, parser, prove_all

LANGUAGES = ["node", "python", "go", "cpp", "java", "swift", "go-goutils"]
# What stands in for goutils where it is compiled against.
INTERFACE = ROOT / "Tests" / "ConformanceTests" / "Servers" / "goutils"
SHORT = ["node", "python"]
SHORT_FILTERS = ["sanity.*", "rpc.sn.*", "rpc.answer.*", "server-calls.answered", "displacement.newcomer", "burst.count",
                 "puller.signal", "identity.other.*", "handshake.extensions.grammar.*", "frame.magic.*", "frame.cut.*", "close.code.*"]
COMMENTS = re.compile(r"\s*(//.*|#.*|/?\*.*|\"\"\".*)?$")


def lines_of_code(folder):
    code = [each for each in folder.rglob("*") if each.suffix in (".go", ".js", ".py", ".cpp", ".java", ".swift") and each.name != "Package.swift"]
    return sum(not COMMENTS.fullmatch(line) for each in code for line in each.read_text(encoding="utf-8").splitlines())


def compiled(language, lines, folder, variables):
    """The same for a project whose library is not at hand: it is compiled against the library's interface."""
    place = folder.parent / "gopath"
    shutil.copytree(INTERFACE, place / "src" / "github.com" / "liumingmin" / "goutils")
    done = subprocess.run(["go", "vet", "."], cwd=folder, capture_output=True, text=True, env={**os.environ, **variables, "GOPATH": str(place)})
    row = f"init {language}: {lines} lines of code, compiles against the interface of its library; not probed"
    return (row, False) if done.returncode == 0 else (f"init {language}: {done.stdout}{done.stderr}", True)


def prove(language, options, parent):
    """The row, and whether something is wrong."""
    folder = parent / language
    try:
        variables = environment(language)
    except Missing as missing:
        return f"init {language}: skipped, {missing}", False
    began = time.monotonic()
    written = subprocess.run([options.wireproof, "init", "server", language, str(folder)], capture_output=True, text=True)
    if written.returncode != 0:
        return f"init {language}: {written.stderr}", True
    lines = lines_of_code(folder)
    if language == "go-goutils":
        return compiled(language, lines, folder, variables)
    if language == "swift":
        manifest = folder / "Package.swift"
        manifest.write_text(re.sub(r'\.package\(url: "[^"]*wireproof.git", from: "[^"]*"\)', f'.package(name: "wireproof", path: "{ROOT}")',
                                   manifest.read_text()))
    patterns = [word for each in SHORT_FILTERS for word in ("--filter", f"'{each}'")] if options.short else []
    command = ["make", "-C", str(folder), "probe", f"WIREPROOF={options.wireproof}",
               "PROBE_OPTIONS=" + " ".join(patterns + options.options)]
    command += [f"PYTHON={variables.pop('PYTHON')}"] if "PYTHON" in variables else []
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env={**os.environ, **variables}, timeout=1800)
    seconds = time.monotonic() - began
    results = folder / "results.ndjson"
    records = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    verdicts = {each["id"]: each["verdict"] for each in records if each["type"] == "case"}
    wrong = [f"{case} ({verdict})" for case, verdict in verdicts.items() if verdict not in GOOD]
    few = len(verdicts) < (100 if options.short else 1000)
    count = list(verdicts.values()).count
    row = f"init {language}: {lines} lines of code, {seconds:.1f} s to the report, " + ", ".join(f"{count(each)} {each}" for each in GOOD if count(each))
    if done.returncode != 0 or wrong or few or not (folder / "report.html").exists():
        return f"{row}; exit code {done.returncode}, wrong: {', '.join(wrong) or 'see below'}\n{(done.stdout + done.stderr)[-3000:]}", True
    return row, False


def main():
    given = parser(__doc__, LANGUAGES)
    given.add_argument("options", nargs="*", help="further options of the probe, as -- --all")
    options = given.parse_args()
    languages = options.language or (SHORT if options.short else [each for each in LANGUAGES if each != "swift"])
    sys.exit(prove_all(prove, languages, options))


if __name__ == "__main__":
    main()
