"""The vectors of a folder, and what has to hold for all of them together."""
import collections
import hashlib
import json
import pathlib

from . import layout

SUMS = "SHA256SUMS"
# What a copy of the vectors may lack: that of this folder counts then.
COMPANIONS = (SUMS, "requirements.json", "version.json")
HOME = pathlib.Path(__file__).resolve().parent.parent


class Suite:
    """The files of a folder: `files` maps areas to their content, `texts` names to bytes."""

    def __init__(self, files, texts, manifest, catalogue):
        self.files, self.texts, self.manifest, self.catalogue = files, texts, manifest, catalogue

    @classmethod
    def load(cls, folder):
        texts = {path.name: path.read_bytes() for path in sorted(folder.iterdir())
                 if path.suffix == ".json" or path.name == SUMS}
        for name in COMPANIONS:
            texts.setdefault(name, (HOME / name).read_bytes())
        files = {}
        for name, text in texts.items():
            if name.endswith(".schema.json") or name in ("schema.json", "version.json", "requirements.json", "classes.json", SUMS):
                continue
            file = json.loads(text)
            if "groups" not in file:
                raise ValueError(f"{name} holds no groups of vectors")
            files[name.removesuffix(".json")] = file
        manifest = json.loads(texts["version.json"])
        requirements = json.loads(texts["requirements.json"])["requirements"]
        return cls(files, texts, manifest, {entry["id"]: entry for entry in requirements})

    def tests(self):
        """(area, operation, test) of every vector."""
        for area, file in self.files.items():
            for group in file["groups"]:
                for test in group["tests"]:
                    yield area, group["operation"], test


def faults(suite):
    """What is wrong with the vectors taken together."""
    yield from id_faults(suite)
    yield from count_faults(suite)
    yield from flag_faults(suite)
    yield from sum_faults(suite.texts)


def id_faults(suite):
    seen = collections.Counter()
    for area, operation, test in suite.tests():
        name = test.get("id", "")
        seen[name] += 1
        if not name.startswith(f"{area}.{operation.split('.')[-1]}."):
            yield f"{name}: the id does not say what it asks for: {area}, {operation}"
    for name, times in seen.items():
        if times > 1:
            yield f"{name}: the id is there {times} times"


def count_faults(suite):
    declared = suite.manifest.get("tests", {})
    for area in sorted(set(declared) | set(suite.files)):
        there = sum(len(group["tests"]) for group in suite.files.get(area, {"groups": []})["groups"])
        if declared.get(area) != there:
            yield f"{area}.json: {there} tests, where version.json declares {declared.get(area, 'none')}"
    for area, file in suite.files.items():
        if file.get("area") != area:
            yield f"{area}.json: it says that it is about {file.get('area')}"
        for number, group in enumerate(file["groups"]):
            if not group["tests"]:
                yield f"{area}.json: its group {number} is empty"


def flag_faults(suite):
    for area, file in suite.files.items():
        used = {flag for group in file["groups"] for test in group["tests"] for flag in test.get("flags", [])}
        for flag in sorted(used ^ set(file.get("notes", {}))):
            yield f"{area}.json: the flag {flag} " + ("has no note" if flag in used else "belongs to no test")


def sum_faults(texts):
    """The checksums, which `sha256sum -c` takes too."""
    listed = dict(reversed(line.split("  ", 1)) for line in texts[SUMS].decode().splitlines())
    for name in sorted(set(listed) | {name for name in texts if name not in (SUMS, "requirements.json", "classes.json")}):
        if name not in texts and not name.endswith("schema.json"):
            yield f"{name}: {SUMS} lists it, and it is not there"
        elif name not in texts:
            continue
        elif name not in listed:
            # What others put beside the vectors, such as the schema of reports, is none of them.
            if not name.endswith(".schema.json"):
                yield f"{name}: {SUMS} does not list it"
        elif hashlib.sha256(texts[name]).hexdigest() != listed[name]:
            yield f"{name}: it is not the file that {SUMS} lists"
    for name, text in texts.items():
        if name in listed and name.endswith(".json") and "schema" not in name:
            if layout.text(json.loads(text)).encode() != text:
                yield f"{name}: the layout is not the canonical one"
