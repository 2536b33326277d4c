#!/usr/bin/env python3
"""Holds the imports of every target against the layers of the design: arrows point down, I/O stays at the edges.

The graph is the manifest's (`swift package describe`): a target may import what it names as a dependency. The system's
modules are no dependencies there; who may have them is said here.

Run from anywhere; prints each import that its target may not have, and exits 1 if there is one.
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What only the edges may import. The core has none of it: no I/O, no clock.
SYSTEM = {
    "Darwin": {"ReferencePeer"},
    "Dispatch": {"wireproof"},
    "FoundationEssentials": {"ComplianceReport", "Conformance", "GoldenVectors", "ReferencePeer", "wireproof"},
    "Glibc": {"ComplianceReport", "Conformance", "PacketCapture", "ReferencePeer", "SystemFiles", "WireInspector", "wireproof"},
    "Synchronization": {"Examples", "ReferencePeer", "WireInspector", "wireproof"},
}

IMPORT = re.compile(r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public |package |internal |fileprivate |private )?import\s+"
                    r"(?:(?:struct|class|enum|func|protocol|typealias|var|let)\s+)?(\w+)")


def graph():
    """The modules that each target names, by the target's name, and the folder of each that is written in Swift."""
    described = subprocess.run(
        ["swift", "package", "--package-path", str(ROOT), "describe", "--type", "json"],
        check=True, capture_output=True, text=True)
    targets = [t for t in json.loads(described.stdout)["targets"] if t["type"] in ("library", "executable")]
    return {
        t["name"]: (ROOT / t["path"], set(t.get("target_dependencies", [])) | set(t.get("product_dependencies", [])))
        for t in targets
    }


def main():
    faults = 0
    for target, (folder, named) in sorted(graph().items()):
        allowed = named | {module for module, users in SYSTEM.items() if target in users}
        for file in sorted(folder.rglob("*.swift")):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = IMPORT.match(line)
                if match and match[1] not in allowed:
                    print(f"{file.relative_to(ROOT)}:{number}: {target} may not import {match[1]}")
                    faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
