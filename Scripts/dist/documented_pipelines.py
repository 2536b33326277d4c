#!/usr/bin/env python3
"""Runs the pipelines of docs/ci.md: their shell steps are taken out of the document and out of action.yml, and run one after the
other in a bare system, against a server that the steps start themselves.

    documented_pipelines.py [FOLDER]
    documented_pipelines.py --look     looks only: the common case is at most 5 lines, and what is given to the action it takes

Prints each step with its seconds. Exit code 1 if a step does not end as it has to; 0 with one line where no root can be made.
"""
import pathlib
import re
import sys
import tempfile
import time

import release
import roots

sys.path.insert(0, str(release.ROOT / "Scripts"))
import python_package  # noqa: E402

# The server that the documented commands start: ours.
SERVER = '#!/bin/sh\nexec wireproof serve --listen "127.0.0.1:$2"\n'
BROKEN = '#!/bin/sh\nexec wireproof serve --behavior mutant:sn-plus-one --listen "127.0.0.1:$2"\n'

PIPELINES = ["GitHub Actions", "GitLab CI", "Jenkins"]
LONGEST = 5  # lines of one's own YAML for the common case

# Behind the run step of a pipeline everything that it wrote has to be there.
WRITTEN = ["results.ndjson", "report.html", "junit.xml", "summary.md"]


class Failed(Exception):
    pass


def blocks(language):
    """The blocks of code of docs/ci.md in a language, with the heading above each."""
    text = (release.ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    heading, found = "", []
    for match in re.finditer(r"^## ([^\n]+)$|^```(\w+)\n(.*?)^```$", text, re.M | re.S):
        if match[1]:
            heading = match[1]
        elif match[2] == language:
            found.append((heading, match[3]))
    return found


def own_lines(text):
    return len([line for line in text.splitlines() if line.strip()])


def uses(value):
    """What is given to the action, wherever it stands in a workflow."""
    if isinstance(value, dict):
        found = [value.get("with") or {}] if "/wireproof@" in str(value.get("uses", "")) else []
        return found + [given for each in value.values() for given in uses(each)]
    return [given for each in value for given in uses(each)] if isinstance(value, list) else []


def look(yaml):
    """What can be said of the pipelines without a release."""
    common = {heading: text for heading, text in reversed(blocks("yaml"))}
    faults = [f"docs/ci.md, {heading}: the common case has {own_lines(text)} lines, more than {LONGEST}"
              for heading, text in common.items() if heading in PIPELINES and own_lines(text) > LONGEST]
    written = set(common) | {heading for heading, _ in blocks("groovy")}
    faults += [f"docs/ci.md has no example for {heading}" for heading in PIPELINES if heading not in written]
    known = set(yaml.safe_load((release.ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"])
    examples = {f"docs/ci.md, {heading}": text for heading, text in blocks("yaml")}
    for path in sorted((release.ROOT / "adapters" / "init").glob("*/common/dot.github/workflows/*.yml")):
        examples[str(path.relative_to(release.ROOT))] = path.read_text(encoding="utf-8")
    for place, text in examples.items():
        for given in uses(yaml.safe_load(text)):
            unknown = sorted(set(given) - known)
            faults += [f"{place} gives the action {', '.join(unknown)}, which it does not take"] if unknown else []
    return faults


class Runner:
    """Steps of one pipeline in a root of its own."""

    def __init__(self, name, base, folder, place, server=SERVER):
        self.name, self.folder = name, folder
        self.root = pathlib.Path(place) / "root"
        roots.copy(base, self.root)
        self.work = self.root / "root" / "work"
        self.work.mkdir()
        (self.work / "server").write_text(server)
        (self.work / "server").chmod(0o755)
        profile = (release.ROOT / "vectors" / "profiles" / "reference.yaml").read_text(encoding="utf-8")
        (self.work / "conformance.yaml").write_text(profile)
        (self.work / "known-failures.txt").write_text("# none\n")

    def step(self, command, environment, code=0):
        begun = time.monotonic()
        settings = " ".join(f"{name}={quoted(value)}" for name, value in environment.items())
        binds = [(self.folder, "/dist"), (release.ROOT, "/action")]
        done = roots.run(self.root, f"export {settings}\ncd /root/work\nbash -eo pipefail -c {quoted(command)}",
                         timeout=500, binds=binds)
        print(f"{self.name:>16} {time.monotonic() - begun:6.2f} s  $ {command.strip().replace(chr(10), chr(10) + ' ' * 29)}")
        if done.returncode != code:
            print((done.stdout + done.stderr)[-3000:])
            raise Failed(f"{self.name}: a step ended with {done.returncode}, not {code}")
        return done.stdout + done.stderr

    def written(self, folder="conformance"):
        missing = [name for name in WRITTEN if not (self.work / folder / name).is_file()]
        if missing:
            raise Failed(f"{self.name}: {', '.join(missing)} were not written")


def quoted(text):
    return "'" + str(text).replace("'", "'\\''") + "'"


def releases():
    return {"WIREPROOF_RELEASES": "file:///dist"}


def gitlab(base, folder, place, yaml):
    (_, text), = [block for block in blocks("yaml") if block[0] == "GitLab CI"]
    runner = Runner("GitLab", base, folder, place)
    for command in yaml.safe_load(text)["conformance"]["script"]:
        runner.step(command, releases())
    runner.written()


def jenkins(base, folder, place, yaml):
    (_, text), = blocks("groovy")
    runner = Runner("Jenkins", base, folder, place)
    for command in re.findall(r"^\s+sh '(.*)'$", text, re.M):
        runner.step(command, releases())
    runner.written()


def evaluated(expression, inputs, outputs):
    """The value of an expression of action.yml; it knows what stands there."""
    def value(match):
        text = match[1].strip().split(" || ")[0]
        if text.startswith("inputs."):
            return inputs[text.removeprefix("inputs.")]
        if text == "github.action_path":
            return "/action"
        raise Failed(f"action.yml has the expression {text}, which this test does not know")
    return re.sub(r"\$\{\{(.*?)\}\}", value, str(expression))


def action(runner, yaml, given, code=0):
    """Runs the steps of the action with some inputs; the output of the last one."""
    described = yaml.safe_load((release.ROOT / "action.yml").read_text(encoding="utf-8"))
    inputs = {name: each.get("default", "") for name, each in described["inputs"].items()} | given
    inputs["releases"] = "file:///dist"
    environment = {"RUNNER_TEMP": "/root", "GITHUB_PATH": "/root/path", "GITHUB_OUTPUT": "/root/output",
                   "GITHUB_STEP_SUMMARY": "/root/summary", "GITHUB_ACTIONS": "true"}
    output = ""
    for number, step in enumerate(described["runs"]["steps"]):
        if "run" not in step:
            continue
        path = runner.root / "root" / "path"
        added = [line for line in path.read_text().split() if line] if path.exists() else []
        own = {name: evaluated(each, inputs, {}) for name, each in step.get("env", {}).items()}
        paths = ":".join([*added, "/usr/local/bin:/usr/bin:/bin"])
        output = runner.step(step["run"], environment | own | {"PATH": paths}, code if step["name"] == "Probe" else 0)
    return output


def github(base, folder, place, yaml):
    common, sharded = [text for heading, text in blocks("yaml") if heading == "GitHub Actions"]
    runner = Runner("GitHub", base, folder, place)
    action(runner, yaml, yaml.safe_load(common)[0]["with"])
    runner.written()
    if "Conformance of" not in (runner.root / "root" / "summary").read_text():
        raise Failed("GitHub: the page of the run got no summary")
    # A server that fails: the step fails, and says where.
    (runner.work / "server").write_text(BROKEN)
    output = action(runner, yaml, {"command": "./server --port {port}", "options": "--filter rpc.*"}, code=1)
    if "::error file=vectors/probes/server/" not in output:
        print(output[-2000:])
        raise Failed("GitHub: no failure was marked")
    # A client in place of a server.
    action(runner, yaml, {"client": "wireproof connect {url} --behavior driver", "options": "--filter client-handshake.*"})
    runner.written()
    # The parts, and the report of all of them.
    (runner.work / "server").write_text(SERVER)
    jobs = yaml.safe_load(sharded)["jobs"]
    (step,) = [step for step in jobs["probe"]["steps"] if "wireproof@" in step.get("uses", "")]
    for shard in jobs["probe"]["strategy"]["matrix"]["shard"]:
        action(runner, yaml, step["with"] | {"shard": shard})
    for step in jobs["report"]["steps"]:
        if "run" in step:
            runner.step(step["run"], releases())


def main():
    looks = sys.argv[1:2] == ["--look"]
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 and not looks else release.ROOT / "dist").resolve()
    python = python_package.provide(["PyYAML"], ["yaml"], release.ROOT / ".build" / "yaml", "documented pipelines")
    sys.path.append(str(next((python.parent.parent / "lib").glob("python*/site-packages"))))
    import yaml

    failures = look(yaml)
    if looks or failures:
        print("\n".join(failures) or "documented pipelines: short, and all that they give the action it takes")
        return 1 if failures else 0
    try:
        base = roots.bare("bookworm", ("curl", "ca-certificates"))
    except roots.Lacking as lack:
        print(f"documented pipelines: skipped, {lack}")
        return 0
    for pipeline in (github, gitlab, jenkins):
        with tempfile.TemporaryDirectory(dir=roots.FOLDER) as place:
            try:
                pipeline(base, folder, place, yaml)
            except Failed as failure:
                failures.append(str(failure))
    for failure in failures:
        print(f"documented pipelines: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
