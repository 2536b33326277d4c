#!/usr/bin/env python3
"""Readers that are not ours take what `wireproof report` writes: junitparser the JUnit XML, jsonschema the JSON and CTRF,
tap.py the TAP.

Usage: report-junit-test.py WIREPROOF. Exit code 1 if a check fails; 0 with one line if the packages cannot be had.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import python_package

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".build" / "report-readers"
ADAPTER = ROOT / "Tests" / "ConformanceTests" / "Adapters" / "crashes.py"


def check(folder):
    import jsonschema
    from junitparser import Error, Failure, JUnitXml

    folder = pathlib.Path(folder)
    lines = [json.loads(line) for line in (folder / "r.ndjson").read_text().splitlines()]
    counts, cases = lines[-1]["counts"], lines[1:-1]
    xml = JUnitXml.fromfile(str(folder / "r.xml"))
    told = (xml.tests, xml.failures, xml.errors, xml.skipped)
    expected = (len(cases), counts["fail"], counts["errored"] + counts["couldNotRun"], counts["notApplicable"])
    read = [case for suite in xml for case in suite]
    failed = {case.name for case in read if any(isinstance(result, (Failure, Error)) for result in case.result)}
    if told != expected or len(read) != len(cases):
        sys.exit(f"report readers: junitparser reads {told} and {len(read)} cases, the results have {expected}")
    if failed != {case["id"] for case in cases if case["verdict"] in ("fail", "errored", "couldNotRun")} or not failed:
        sys.exit("report readers: junitparser takes other cases for failures")
    if not all(case.classname and case.time is not None for case in read):
        sys.exit("report readers: a case has no classname or no time")
    schema = json.loads((ROOT / "vectors" / "reports" / "report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads((folder / "r.json").read_text()), schema)
    check_ctrf(json.loads((folder / "r.ctrf").read_text()), cases, counts)
    check_tap(folder / "r.tap", cases, failed)
    print(f"report readers: junitparser, tap.py and jsonschema read {len(cases)} cases, {len(failed)} of them failures")


def check_ctrf(document, cases, counts):
    import jsonschema

    schema = json.loads((ROOT / "vectors" / "reports" / "ctrf.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    results = document["results"]
    told = (results["summary"]["tests"], results["summary"]["failed"], results["summary"]["skipped"])
    if told != (len(cases), counts["fail"] + counts["errored"] + counts["couldNotRun"], counts["notApplicable"]):
        sys.exit(f"report readers: CTRF counts {told}, the results have {counts}")
    by_status = sum(results["summary"][status] for status in ("passed", "failed", "skipped", "pending", "other"))
    if not by_status == len(results["tests"]) == len(cases):
        sys.exit("report readers: CTRF has other cases than the results")
    for test in results["tests"]:
        lines = (ROOT / test["filePath"]).read_text(encoding="utf-8").splitlines()
        if test["name"] not in lines[test["line"] - 1]:
            sys.exit(f"report readers: {test['filePath']}:{test['line']} is not where {test['name']} is")


def check_tap(path, cases, failed):
    from tap.parser import Parser

    points = [line for line in Parser().parse_file(str(path)) if line.category == "test"]
    names = {point.description.removeprefix("- ") for point in points if not point.ok and not point.todo}
    if len(points) != len(cases) or names != failed:
        sys.exit(f"report readers: tap.py reads {len(points)} points and {len(names)} failures")


def main():
    if len(sys.argv) == 3:
        return check(sys.argv[2])
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    python = python_package.provide(["junitparser", "jsonschema", "tap.py"], ["junitparser", "jsonschema", "tap"], FOLDER, "report readers")
    with tempfile.TemporaryDirectory() as folder:
        results = f"{folder}/r.ndjson"
        subprocess.run([sys.argv[1], "verify", "--iut", f"{sys.executable} {ADAPTER}", "--results", results],
                       stdout=subprocess.DEVNULL, check=False)
        for form, name in (("junit", "r.xml"), ("json", "r.json"), ("ctrf", "r.ctrf"), ("tap", "r.tap")):
            subprocess.run([sys.argv[1], "report", results, "--format", form, "--output", f"{folder}/{name}"], check=True)
        sys.exit(subprocess.run([python, __file__, "--check", folder]).returncode)


if __name__ == "__main__":
    main()
