"""Inputs to begin with, made from the vectors, the captures and the scripts of the repository, so that they are stored once."""
import base64
import gzip
import hashlib
import json
import pathlib
import struct

ROOT = pathlib.Path(__file__).resolve().parent.parent
# libFuzzer works on small inputs best; a capture above this adds time and no new kind of thing.
LARGEST = 32_768
REVISIONS = ["1.1", "1.2", "1.3.0", "1.3.3"]


def vectors(area):
    for group in json.loads((ROOT / "vectors" / f"{area}.json").read_text())["groups"]:
        for test in group["tests"]:
            yield group["operation"], test["input"]


def joined(pieces):
    return b"".join(bytes.fromhex(piece) for piece in pieces)


def frames():
    for operation, value in vectors("frame"):
        choice = bytes([REVISIONS.index(value["revision"])])
        if operation == "frame.decode":
            yield choice + bytes.fromhex(value["message"])
        elif operation == "frame.stream":
            yield choice + joined(value["pieces"])
    for operation, value in vectors("displacement"):
        if operation == "displacement.decode":
            yield b"\x03" + bytes.fromhex(value["payload"])


def websocket(role):
    for area in ("websocket", "deflate", "close"):
        for operation, value in vectors(area):
            if operation == "ws.decode" and value["role"] == role:
                for choice in (0, 0x3B):
                    yield bytes([choice]) + joined(value["pieces"])


def deflated():
    for operation, value in vectors("deflate"):
        if operation == "deflate.decompress":
            yield b"\x1a" + b"\xa5".join(bytes.fromhex(message) for message in value["messages"])


def heads():
    for operation, value in vectors("handshake"):
        if operation == "handshake.parse":
            yield joined(value["pieces"])
        elif operation == "handshake.respond":
            yield bytes.fromhex(value["request"])


def negotiation():
    for operation, value in vectors("deflate"):
        if operation == "deflate.negotiate":
            offers = value.get("offers", value.get("offer", ""))
            yield b"\x00" + offers.encode() + (b"|" + value["response"].encode() if "response" in value else b"")
    for area in ("negotiation", "metadata"):
        for operation, value in vectors(area):
            if "query" in value:
                yield b"\x00" + bytes.fromhex(value["query"])
            if value.get("protocols"):
                yield b"\x08" + value["protocols"].encode()


def charsets():
    for operation, value in vectors("charset"):
        yield bytes.fromhex(value["bytes"]) if operation == "charset.decode" else value["text"].encode("utf-8", "surrogatepass")


def captures():
    for path in sorted((ROOT / "captures").rglob("*")):
        if path.is_file() and path.suffix not in (".py", ".json", ".md", ".keylog", ".keys", ".txt") and path.stat().st_size <= LARGEST:
            yield path.read_bytes()
            if path.with_suffix(".keys").exists():
                yield with_secrets(path)


def with_secrets(path):
    """A pcap file and the TLS secrets beside it, as one pcapng file."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    content, keys = path.read_bytes(), path.with_suffix(".keys").read_bytes()
    result = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", 1, 0, 0))
    result += block(10, struct.pack("<II", 0x544C534B, len(keys)) + keys)
    place = 24
    while place < len(content):
        seconds, micros, length, original = struct.unpack_from("<IIII", content, place)
        time = seconds * 1_000_000 + micros
        result += block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, length, original) + content[place + 16:place + 16 + length])
        place += 16 + length
    return result


def compressed():
    for content in captures():
        if content[:2] == b"\x1f\x8b":
            yield content
        elif len(content) < 2048:
            yield gzip.compress(content, mtime=0)


def segments():
    """Connections, direction, flags, sequence, options, payload, as the target reads them."""
    request = base64.b16encode(b"GET /join").lower()
    for order in ((0, 1, 2, 3), (3, 2, 1, 0), (0, 2, 2, 1), (1, 0, 3, 3)):
        for option in (0, 1, 0x20, 0x40, 0x80):
            content = bytes([0, 0x02, 0, 0, 0, option, 1, 0x12, 0, 0, 0, option])
            for part in order:
                content += bytes([0, 0x18, 1 + 8 * part, 0, 8, option]) + request[8 * part:8 * part + 8].ljust(8, b"x")
            yield content + bytes([0, 0x11, 33, 0, 0, option, 1, 0x14, 1, 8, 0, option])


def expressions():
    guide = (ROOT / "docs" / "inspecting-captures.md").read_text()
    for line in guide.splitlines():
        for quoted in line.split('"')[1::2] + line.split("`")[1::2]:
            if 2 < len(quoted) < 120:
                yield quoted.encode()


def scripts():
    """One case a file: a whole file of probes is read too slowly to be varied often."""
    for path in sorted((ROOT / "vectors" / "probes" / "server").glob("*.yaml")):
        text = path.read_text()
        head, _, rest = text.partition("\ncases:\n")
        for part in rest.split("\n  - id:")[:200:8]:
            if part.strip():
                yield (head + "\ncases:\n  - id:" + part.removeprefix("  - id:") + "\n").encode()
    for path in sorted((ROOT / "vectors" / "servers").glob("*.yaml")) + sorted((ROOT / "captures" / "reports").rglob("*.yaml")):
        yield path.read_bytes()


def profiles():
    for path in sorted((ROOT / "vectors" / "profiles").glob("*.yaml")):
        yield path.read_bytes()


def results():
    header = {"type": "header", "suite": "1", "suiteHash": "0" * 64, "command": "wireproof probe server ws://h:1/join",
              "implementation": {"name": "n", "language": "l", "version": "1", "capabilities": ["a"]}, "startedAt": "2026-01-01T00:00:00Z"}
    for verdict in ("pass", "fail", "nonStrict", "informational", "notApplicable", "couldNotRun", "errored"):
        case = {"type": "case", "id": "frame.magic.wrong", "requirements": ["frame.magic"], "level": "MUST", "class": "core",
                "verdict": verdict, "duration": 0.25, "expected": "a close", "actual": {"result": "<b>"}, "reason": "\u202e why",
                "transcript": [{"at": 0.1, "connection": 1, "event": "received", "bytes": "feef", "text": "x"}], "step": "#1",
                "runs": {"passed": 1, "failed": 1}, "expectedFailure": {"reason": "r", "mayPass": True}}
        yield "\n".join(json.dumps(line) for line in (header, case, {"type": "footer"})).encode() + b"\n"


def data_files():
    for area in ("frame", "charset", "close"):
        content = json.loads((ROOT / "vectors" / f"{area}.json").read_text())
        for group in content["groups"]:
            group["tests"] = group["tests"][:2]
        yield b"\x00" + json.dumps(content).encode()
    yield b"\x01" + (ROOT / "vectors" / "version.json").read_bytes()
    catalogue = json.loads((ROOT / "vectors" / "requirements.json").read_text())
    catalogue["requirements"] = catalogue["requirements"][:8]
    yield b"\x02" + json.dumps(catalogue).encode()
    yield b'\x03{"a": [1, -0.5e9, "\\ud83d\\ude00", null, true, {}]}'


def expectations():
    yield (ROOT / "vectors" / "probes" / "original.expected").read_bytes()[:4096]
    yield b"# known\na.b  # why\nmay-fail c.d\r\n\tmay-fail\te.f # x\na.b\n* #\n"


SEEDS = {
    "frame": frames, "websocket-client": lambda: websocket("client"), "websocket-server": lambda: websocket("server"),
    "inflate": deflated, "gzip": compressed, "head": heads, "negotiation": negotiation, "charset": charsets,
    "capture": captures, "tcp": segments, "filter-expression": expressions, "script": scripts, "profile": profiles,
    "result": results, "vector": data_files, "expected": expectations,
}


def write(target, folder):
    """Writes the seeds of a target as files that are named by their content."""
    folder.mkdir(parents=True, exist_ok=True)
    make = captures if target.startswith("inspect-") else SEEDS[target]
    for content in make():
        (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
