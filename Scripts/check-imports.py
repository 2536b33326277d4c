#!/usr/bin/env python3
"""Holds the imports of every target against the layers of the design: arrows point down, I/O stays at the edges.

Run from anywhere; prints each import that its target may not have, and exits 1 if there is one.
"""
import pathlib
import re
import sys

CORE = {"FrameCodec", "WebSocketCodec", "Deflate", "Negotiation", "Conversation"}

# Foundation is nowhere below GoldenVectors; CZlib only in Deflate and CaptureFile; CPcap only in PacketCapture.
ALLOWED = {
    "Specification": set(),
    "SystemFiles": {"Glibc"},
    "FrameCodec": {"Specification"},
    "WebSocketCodec": {"Specification"},
    "Deflate": {"CZlib", "Specification"},
    "Negotiation": {"Deflate", "Specification"},
    "Conversation": {"FrameCodec", "Specification"},
    "CaptureFile": {"CZlib", "Specification"},
    "GoldenVectors": {"Crypto", "FoundationEssentials", "Specification", "SystemFiles"},
    "PacketCapture": {"CPcap", "CaptureFile", "Specification", "Glibc"},
    "WireInspector": CORE | {
        "CaptureFile", "FoundationEssentials", "Glibc", "Histogram", "PacketCapture", "Specification", "Synchronization",
        "SystemFiles",
    },
    "ReferencePeer": CORE | {
        "CaptureFile", "FoundationEssentials", "Glibc", "Darwin", "Histogram", "Logging", "NIOConcurrencyHelpers", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS",
        "Specification", "SwiftProtobuf", "Synchronization",
    },
    "Conformance": CORE | {
        "CaptureFile", "Crypto", "NIOConcurrencyHelpers", "NIOCore", "NIOPosix", "Yams", "FoundationEssentials", "Glibc", "GoldenVectors",
        "ReferencePeer", "Specification", "Subprocess",
        "Synchronization", "SystemFiles",
    },
    "ComplianceReport": {
        "Conformance", "Crypto", "FoundationEssentials", "FrameCodec", "Glibc", "GoldenVectors", "Mustache", "Specification",
        "SystemFiles", "WebSocketCodec",
    },
    "WireproofCore": CORE | {"CaptureFile", "Specification"},
    "WireproofPeer": CORE | {"ReferencePeer", "Specification"},
    "WireproofUpgrade": {"NIOConcurrencyHelpers", "NIOCore", "NIOHTTP1", "Negotiation", "ReferencePeer"},
    "WireproofService": {"NIOCore", "NIOPosix", "ReferencePeer", "ServiceLifecycle"},
    "WireproofMetrics": {"Metrics", "ReferencePeer"},
    "Examples": {
        "Logging", "Metrics", "NIOConcurrencyHelpers", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "ServiceLifecycle", "SwiftProtobuf",
        "Synchronization", "UnixSignals", "WireproofMetrics", "WireproofPeer", "WireproofService", "WireproofUpgrade",
    },
    "wireproof": CORE | {
        "ArgumentParser", "CaptureFile", "ComplianceReport", "Conformance", "Dispatch", "FoundationEssentials", "Glibc", "GoldenVectors",
        "Logging", "NIOConcurrencyHelpers", "NIOCore", "NIOPosix", "NIOSSL", "PacketCapture", "ReferencePeer", "Specification",
        "Synchronization", "SystemFiles", "WireInspector",
    },
}

IMPORT = re.compile(r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public |package |internal |fileprivate |private )?import\s+"
                    r"(?:(?:struct|class|enum|func|protocol|typealias|var|let)\s+)?(\w+)")


def main():
    sources = pathlib.Path(__file__).resolve().parent.parent / "Sources"
    faults = 0
    for target in sorted(p.name for p in sources.iterdir() if any(p.rglob("*.swift"))):
        if target not in ALLOWED:
            print(f"Sources/{target}: a target without an allow-list; add it to Scripts/check-imports.py")
            faults += 1
            continue
        for file in sorted((sources / target).rglob("*.swift")):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = IMPORT.match(line)
                if match and match[1] not in ALLOWED[target]:
                    print(f"{file.relative_to(sources.parent)}:{number}: {target} may not import {match[1]}")
                    faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
