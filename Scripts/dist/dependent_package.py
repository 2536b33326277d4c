#!/usr/bin/env python3
"""Builds a package that depends on a tagged clone of this one, as its users do, and looks at what was compiled for it.

    dependent_package.py [--core]    --core: WireproofCore only, which takes a minute; else WireproofPeer, too

Exit code 1 if it does not resolve, build and run, or if it compiled what it did not ask for.
"""
import pathlib
import subprocess
import sys
import time

import release

FOLDER = release.ROOT / ".build" / "dependent"

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
    (package / "Package.swift").write_text(MANIFEST.format(url=clone, version=release.version()))
    # A resolution of before holds the commit of before.
    (package / "Package.resolved").unlink(missing_ok=True)
    return package


def build(package, product, unasked):
    begun = time.monotonic()
    command = ["swift", "build", "--package-path", str(package), "--product", product]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"dependent package: {product} does not build\n{(done.stdout + done.stderr)[-4000:]}")
    folder = package / ".build" / "debug"
    compiled = {path.parent.name.removesuffix(".build") for path in folder.glob("*.build/*.o")}
    compiled |= {path.parent.name.removesuffix(".build") for path in folder.glob("*.build/**/*.o")}
    found = compiled & unasked
    if found:
        sys.exit(f"dependent package: {product} compiled {', '.join(sorted(found))}, which it did not ask for")
    printed = subprocess.run([str(folder / product)], check=True, capture_output=True, text=True, timeout=60).stdout.strip()
    print(f"dependent package: {product} built in {time.monotonic() - begun:.0f} s, {len(compiled)} modules, none unasked; "
          f"it prints \"{printed}\"")


def main():
    package = prepare()
    build(package, "frames", UNASKED_BY_CORE)
    if "--core" not in sys.argv[1:]:
        build(package, "echo", UNASKED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
