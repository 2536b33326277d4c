#!/usr/bin/env python3
"""Builds a package that depends on a tagged clone of this one, as its users do, and looks at what was compiled for it. One of its
programs is the server of `wireproof init server swift`, which is probed where the executable of this package has been built.

    dependent_package.py [--core]    --core: WireproofCore only, which takes a minute; else WireproofPeer, too

Exit code 1 if it does not resolve, build and run, if it compiled what it did not ask for, or if a probe fails.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import time

import release

FOLDER = release.ROOT / ".build" / "dependent"
TEMPLATES = release.ROOT / "adapters" / "init" / "server"

# What the products of the library have no use for: the command, and what only it needs.
UNASKED = {"ArgumentParser", "Subprocess", "Conformance", "ComplianceReport", "WireInspector", "PacketCapture", "GoldenVectors",
           "StrictJSON", "SystemCrypto", "CLibYAML", "wireproof", "Yams", "Mustache"}
# WireproofCore has no use for these either: no I/O.
UNASKED_BY_CORE = UNASKED | {"NIOCore", "NIOPosix", "NIOSSL", "CNIOBoringSSL", "SwiftProtobuf", "Logging", "ReferencePeer"}

MANIFEST = '''// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "dependent",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(url: "{url}", from: "{version}"), .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .executableTarget(name: "frames", dependencies: [.product(name: "WireproofCore", package: "wireproof")]),
    .executableTarget(name: "echo", dependencies: [
      .product(name: "WireproofPeer", package: "wireproof"), .product(name: "NIOCore", package: "swift-nio"),
    ]),
    .executableTarget(name: "server", dependencies: [
      .product(name: "WireproofPeer", package: "wireproof"), .product(name: "NIOCore", package: "swift-nio"),
    ]),
  ]
)
'''

FRAMES = '''import WireproofCore

var bytes: [UInt8] = []
let payload = Array("hello".utf8)
try FrameCodec.encode(protocolId: 2, sn: 4, payload: payload.span.bytes, into: &bytes)
guard case .frame(let frame) = FrameCodec.decodeMessage(bytes.span.bytes) else { fatalError("it is a good frame") }
print("frame", frame.protocolId, String(decoding: bytes[frame.payload], as: UTF8.self))
'''

ECHO = '''import NIOCore
import WireproofPeer

var configuration = ServerConfiguration()
configuration.handlers.on(2) { message, connection in
  connection.answer(message, 3, message.payload, completion: nil)
}
let server = try await Server.listen(configuration)
let client = try Client(ClientConfiguration("\\(server.url)?uid=100"))
let connection = try await client.connect()
let answer = try await connection.call(2, ByteBuffer(string: "hello"))
print("answer", String(buffer: answer.payload))
connection.close()
await server.shutDown()
'''


def prepare():
    """The clone with its tag, and the package."""
    clone = FOLDER / "wireproof"
    subprocess.run(["rm", "-rf", str(clone), str(FOLDER / "dependent" / "Sources")], check=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(release.ROOT), str(clone)], check=True)
    subprocess.run(["git", "-C", str(clone), "tag", "--force", release.version()], check=True, capture_output=True)
    package = FOLDER / "dependent"
    for name, text in (("frames", FRAMES), ("echo", ECHO)):
        (package / "Sources" / name).mkdir(parents=True)
        (package / "Sources" / name / "main.swift").write_text(text)
    shutil.copytree(TEMPLATES / "swift" / "Sources" / "server", package / "Sources" / "server")
    (package / "Package.swift").write_text(MANIFEST.format(url=clone, version=release.version()))
    # A resolution of before holds the commit of before.
    (package / "Package.resolved").unlink(missing_ok=True)
    return package


def build(package, product, unasked):
    """Builds a product; its path, and the words for what was compiled."""
    begun = time.monotonic()
    # What asks for different things is built in different places: what lies there was asked for, now or in a run before.
    place = package / (".build-core" if unasked is UNASKED_BY_CORE else ".build")
    command = ["swift", "build", "--package-path", str(package), "--scratch-path", str(place), "--product", product]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"dependent package: {product} does not build\n{(done.stdout + done.stderr)[-4000:]}")
    folder = place / "debug"
    compiled = {path.parent.name.removesuffix(".build") for path in folder.glob("*.build/*.o")}
    compiled |= {path.parent.name.removesuffix(".build") for path in folder.glob("*.build/**/*.o")}
    found = compiled & unasked
    if found:
        sys.exit(f"dependent package: {product} compiled {', '.join(sorted(found))}, which it did not ask for")
    return folder / product, f"dependent package: {product} built in {time.monotonic() - begun:.0f} s, {len(compiled)} modules, none unasked"


def run(package, product, unasked):
    program, built = build(package, product, unasked)
    done = subprocess.run([str(program)], check=True, capture_output=True, text=True, timeout=60)
    print(f"{built}; it prints \"{done.stdout.strip()}\"", flush=True)


def probe(package, unasked):
    """Builds the server of `init server swift`, and probes it."""
    server, built = build(package, "server", unasked)
    wireproof = next((path for kind in ("release", "debug") if (path := release.ROOT / ".build" / kind / "wireproof").exists()), None)
    if wireproof is None:
        print(f"{built}; not probed, wireproof is not built here")
        return
    results = FOLDER / "results.ndjson"
    done = subprocess.run(
        [str(wireproof), "probe", "server", "ws://127.0.0.1:0/join", "--profile", str(TEMPLATES / "common" / "conformance.yaml"),
         "--results", str(results), "--", str(server), "{port}"],
        capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit(f"dependent package: probes of the server end with {done.returncode}\n{(done.stdout + done.stderr)[-4000:]}")
    counts = json.loads(results.read_text().splitlines()[-1])["counts"]
    print(f"{built}; probed: {', '.join(f'{count} {verdict}' for verdict, count in counts.items() if count)}")


def main():
    package = prepare()
    run(package, "frames", UNASKED_BY_CORE)
    if "--core" not in sys.argv[1:]:
        run(package, "echo", UNASKED)
        probe(package, UNASKED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
