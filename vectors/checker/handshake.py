"""The upgrade request and its response, RFC 6455 section 4."""
import base64
import binascii
import hashlib

from . import deflate, metadata, negotiation
from .extensions import TOKEN, parse_list
from .fault import Fault

LIMIT = 16384
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_value(key):
    return base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()


def head_of(data):
    """The lines of a message head, each with its offset, and the bytes that the head takes."""
    end = data.find(b"\r\n\r\n")
    size = end + 4 if end >= 0 else None
    if (size or len(data)) > LIMIT:
        raise Fault("headers-too-large")
    if size is None:
        raise Fault("incomplete")
    lines, at = [], 0
    for line in data[:end].split(b"\r\n"):
        lines.append((at, line))
        at += len(line) + 2
    return lines, size


def fields(lines):
    """Header fields: lowercase name to the list of their values."""
    found = {}
    for offset, line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or any(byte not in TOKEN for byte in name):
            raise Fault("bad-header", offset)
        if any(byte < 0x20 and byte != 0x09 or byte == 0x7F for byte in value):
            raise Fault("bad-header", offset)
        found.setdefault(name.decode().lower(), []).append(value.strip(b" \t").decode("utf-8", "replace"))
    return found


def tokens(values):
    """The members of a list, with ASCII letters in lower case: str.lower() would make a k of the Kelvin sign."""
    return [part.strip(" \t").encode().lower().decode() for value in values for part in value.split(",")]


def joined(found, name):
    return ", ".join(found[name]) if name in found else None


def control_in(line):
    return any(byte < 0x20 or byte == 0x7F for byte in line)


def http_version_good(text):
    return len(text) == 8 and text.startswith(b"HTTP/1.") and text[7:].isdigit() and text != b"HTTP/1.0"


def parse_request(data):
    lines, size = head_of(data)
    words = lines[0][1].split(b" ")
    method, target, version = words if len(words) == 3 else (b"", b"", b"")
    shaped = (method and all(byte in TOKEN for byte in method) and target
              and not control_in(lines[0][1]) and version.startswith(b"HTTP/"))
    if not shaped:
        raise Fault("bad-request-line")
    if not http_version_good(version):
        raise Fault("bad-http-version")
    found = fields(lines[1:])
    if method != b"GET":
        raise Fault("not-get")
    if "host" not in found:
        raise Fault("missing-host")
    if "websocket" not in tokens(found.get("upgrade", [])):
        raise Fault("missing-upgrade")
    if "upgrade" not in tokens(found.get("connection", [])):
        raise Fault("missing-connection")
    if "sec-websocket-version" not in found:
        raise Fault("missing-version")
    if found["sec-websocket-version"] != ["13"]:
        raise Fault("unsupported-version")
    if "sec-websocket-key" not in found:
        raise Fault("missing-key")
    key = found["sec-websocket-key"]
    if len(key) != 1 or not key_good(key[0]):
        raise Fault("bad-key")
    path, _, query = target.partition(b"?")
    return {
        "path": path.decode("utf-8", "replace"), "query": query.hex(), "host": joined(found, "host"),
        "origin": joined(found, "origin"), "key": key[0], "extensions": joined(found, "sec-websocket-extensions"),
        "protocols": protocols_of(found), "consumed": size,
    }


def protocols_of(found):
    return [part.strip(" \t") for value in found.get("sec-websocket-protocol", []) for part in value.split(",")
            if part.strip(" \t")]


def key_good(key):
    try:
        raw = base64.b64decode(key.encode(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == 16 and base64.b64encode(raw).decode() == key


def parse_response(asked, data):
    lines, size = head_of(data)
    words = lines[0][1].split(b" ", 2)
    if control_in(lines[0][1]) or len(words) < 2 or not http_version_good(words[0]) or not (len(words[1]) == 3 and words[1].isdigit()):
        raise Fault("bad-status-line")
    found = fields(lines[1:])
    if words[1] != b"101":
        raise Fault("refused")
    if "websocket" not in tokens(found.get("upgrade", [])):
        raise Fault("missing-upgrade")
    if "upgrade" not in tokens(found.get("connection", [])):
        raise Fault("missing-connection")
    if "sec-websocket-accept" not in found:
        raise Fault("missing-accept")
    if found["sec-websocket-accept"] != [accept_value(asked["key"])]:
        raise Fault("wrong-accept")
    extensions = joined(found, "sec-websocket-extensions")
    if extensions is not None:
        check_extensions(asked.get("offeredExtensions") or "", extensions)
    protocols = found.get("sec-websocket-protocol", [])
    if protocols and (len(protocols) > 1 or protocols[0] not in (asked.get("offeredProtocols") or [])):
        raise Fault("unoffered-protocol")
    return {"status": 101, "extensions": extensions, "protocol": protocols[0] if protocols else None, "consumed": size}


def check_extensions(offer, response):
    try:
        deflate.accept(offer, response)
    except Fault as fault:
        raise Fault("unoffered-extension" if fault.code == "unoffered-extension" else "bad-extension") from None


def parse(asked):
    data = b"".join(map(bytes.fromhex, asked["pieces"]))
    return parse_request(data) if asked["side"] == "server" else parse_response(asked, data)


# Responding

REFUSALS = {
    "not-get": (405, {"allow": "GET"}), "bad-http-version": (505, {}), "headers-too-large": (431, {}),
    "missing-version": (426, {"sec-websocket-version": "13", "upgrade": "websocket"}),
    "unsupported-version": (426, {"sec-websocket-version": "13", "upgrade": "websocket"}),
    "version-too-low": (426, {"upgrade": "websocket"}), "charset-unsupported": (406, {}), "no-protocol": (406, {}),
}


def respond(asked):
    try:
        return agree(asked)
    except Fault as fault:
        status, headers = REFUSALS.get(fault.code, (400, {}))
        return {"status": status, "headers": dict(headers), "reject": fault.code}


def agree(asked):
    config = asked.get("config", {})
    request = parse_request(bytes.fromhex(asked["request"]))
    if request["path"] != config.get("path", request["path"]):
        return {"status": 404, "headers": {}, "reject": "unknown-path"}
    if "origins" in config and request["origin"] is not None and request["origin"] not in config["origins"]:
        return {"status": 403, "headers": {}, "reject": "origin"}
    extensions = None
    if request["extensions"] is not None:
        parse_list(request["extensions"])
        if config.get("compression"):
            extensions = deflate.answer(request["extensions"], {})
    offered = ", ".join(request["protocols"]) if request["protocols"] else None
    versions, charsets = config.get("versions"), config.get("charsets")
    chosen = negotiation.choose(metadata.parameters(bytes.fromhex(request["query"])), offered, versions, charsets)
    headers = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": accept_value(request["key"])}
    if extensions:
        headers["sec-websocket-extensions"] = extensions
    if chosen["protocol"]:
        headers["sec-websocket-protocol"] = chosen["protocol"]
    if versions is not None or charsets is not None:
        headers["x-ws-version"], headers["x-ws-charset"] = str(chosen["version"]), str(chosen["charset"])
    return {"status": 101, "headers": headers, "reject": None}
