"""The upgrade request and its response, RFC 6455 section 4."""
import base64
import binascii
import hashlib
import re

from . import deflate, metadata, negotiation
from .extensions import TOKEN, parse_list
from .fault import Fault

LIMIT = 16384
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_value(key):
    return base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()


class Leniency:
    """What a reader lets pass that is refused here: nothing, unless it is named."""

    def __init__(self, folds=False, bare_lf=False, limited=True, unused_bits=False, content_allowed=False):
        self.folds, self.bare_lf, self.limited = folds, bare_lf, limited
        self.unused_bits, self.content_allowed = unused_bits, content_allowed


STRICT = Leniency()


def head_of(data, leniency=STRICT):
    """The lines of a message head, each with its offset, and the bytes that the head takes."""
    end = data.find(b"\r\n\r\n")
    size = end + 4 if end >= 0 else None
    if (size or len(data)) > LIMIT and leniency.limited:
        raise Fault("headers-too-large")
    if size is None:
        raise Fault("incomplete")
    text = data[:end]
    if leniency.folds:
        text = re.sub(rb"\r\n[ \t]+", b" ", text)
    if leniency.bare_lf:
        text = re.sub(rb"(?<!\r)\n", b"\r\n", text)
    lines, at = [], 0
    for line in text.split(b"\r\n"):
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


def target_parts(target):
    """Host (None in origin form), path and query of a request target, which may be a whole URI."""
    scheme, mark, rest = target.partition(b"://")
    if not mark or scheme.lower() not in (b"http", b"https", b"ws", b"wss"):
        path, _, query = target.partition(b"?")
        return None, path, query
    before, _, query = rest.partition(b"?")
    host, slash, path = before.partition(b"/")
    if not host or host.startswith(b":") or b"@" in host:
        raise Fault("bad-request-line")
    return host.decode("utf-8", "replace"), b"/" + path, query


def check_content(lines):
    """Content is refused, and first of all content whose end nobody can tell."""
    found = {"transfer-encoding": [], "content-length": []}
    for offset, line in lines:
        name, _, value = line.partition(b":")
        if name.lower().decode() in found:
            found[name.lower().decode()].append((offset, [part.strip(b" \t") for part in value.split(b",")]))
    codings = [coding.lower() for _, values in found["transfer-encoding"] for coding in values if coding]
    if found["transfer-encoding"]:
        certain = codings[-1:] == [b"chunked"] and codings.count(b"chunked") == 1
        raise Fault("has-content" if certain else "bad-framing", found["transfer-encoding"][-1][0])
    lengths = {length for _, values in found["content-length"] for length in values}
    if lengths and (len(lengths) > 1 or not all(length.isdigit() for length in lengths)):
        raise Fault("bad-framing", found["content-length"][-1][0])
    if lengths and int(lengths.pop()):
        raise Fault("has-content", found["content-length"][-1][0])


def content_size(data, head):
    """How many bytes of content stand behind the head of a request: what a server has to read over that grants it."""
    found = {}
    for line in data[:head].split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        found[name.lower()] = value.strip(b" \t").lower()
    if not found.get(b"transfer-encoding", b"").endswith(b"chunked"):
        return int(found.get(b"content-length") or b"0")
    at = head
    while True:
        size, end = int(data[at:data.index(b"\r\n", at)].partition(b";")[0], 16), data.index(b"\r\n", at) + 2
        if not size:
            break
        at = end + size + 2
    while data[end:end + 2] != b"\r\n":
        end = data.index(b"\r\n", end) + 2
    return end + 2 - head


def parse_request(data, leniency=STRICT):
    lines, size = head_of(data, leniency)
    words = lines[0][1].split(b" ")
    method, target, version = words if len(words) == 3 else (b"", b"", b"")
    shaped = (method and all(byte in TOKEN for byte in method) and target
              and not control_in(lines[0][1]) and version.startswith(b"HTTP/"))
    if not shaped:
        raise Fault("bad-request-line")
    authority, path, query = target_parts(target)
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
    if len(key) != 1 or not key_good(key[0], leniency.unused_bits):
        raise Fault("bad-key")
    if leniency.content_allowed:
        size += content_size(data, size)
    else:
        check_content(lines[1:])
    return {
        "path": path.decode("utf-8", "replace"), "query": query.hex(), "host": authority or joined(found, "host"),
        "origin": joined(found, "origin"), "key": key[0], "extensions": joined(found, "sec-websocket-extensions"),
        "protocols": protocols_of(found), "consumed": size,
    }


def protocols_of(found):
    return [part.strip(" \t") for value in found.get("sec-websocket-protocol", []) for part in value.split(",")
            if part.strip(" \t")]


def key_good(key, unused_bits=False):
    try:
        raw = base64.b64decode(key.encode(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == 16 and (unused_bits or base64.b64encode(raw).decode() == key)


def parse_response(asked, data, leniency=STRICT):
    """The answer that counts: answers of the class 1xx before it are read over."""
    read_over = 0
    while True:
        try:
            lines, size = head_of(data[read_over:], leniency)
            words = lines[0][1].split(b" ", 2)
            interim = (len(words) > 1 and words[1] != b"101" and len(words[1]) == 3 and words[1].isdigit()
                       and words[1].startswith(b"1") and http_version_good(words[0]) and not control_in(lines[0][1]))
            if interim:
                fields(lines[1:])
                read_over += size
                continue
            answer = final_response(asked, lines)
        except Fault as fault:
            raise Fault(fault.code, None if fault.offset is None else fault.offset + read_over) from None
        return {**answer, "consumed": read_over + size}


def final_response(asked, lines):
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
    return {"status": 101, "extensions": extensions, "protocol": protocols[0] if protocols else None}


def check_extensions(offer, response):
    try:
        deflate.accept(offer, response)
    except Fault as fault:
        raise Fault("unoffered-extension" if fault.code == "unoffered-extension" else "bad-extension") from None


def parse(asked, **leniency):
    data, leniency = b"".join(map(bytes.fromhex, asked["pieces"])), Leniency(**leniency)
    return parse_request(data, leniency) if asked["side"] == "server" else parse_response(asked, data, leniency)


def first_line(asked):
    return bytes.fromhex("".join(asked["pieces"])).split(b"\r\n")[0]


def lacks_space_before_reason(asked):
    """RFC 9112 section 4: the space before the reason stands there also when the reason is left out."""
    return re.fullmatch(rb"HTTP/1\.[1-9] [0-9]{3}", first_line(asked)) is not None


def lengths_repeated(asked):
    """Where the second of two equal lengths of content begins, which may be refused; None without one."""
    lines, _ = head_of(bytes.fromhex("".join(asked["pieces"])))
    places = [offset for offset, line in lines if line.lower().startswith(b"content-length:")]
    return places[-1] if len(places) > 1 else None


# Responding

REFUSALS = {
    "not-get": (405, {"allow": "GET"}), "bad-http-version": (505, {}), "headers-too-large": (431, {}),
    "missing-version": (426, {"sec-websocket-version": "13", "upgrade": "websocket"}),
    "unsupported-version": (426, {"sec-websocket-version": "13", "upgrade": "websocket"}),
    "version-too-low": (426, {"upgrade": "websocket"}), "charset-unsupported": (406, {}), "no-protocol": (406, {}),
}


def respond(asked, **leniency):
    try:
        return agree(asked, Leniency(**leniency))
    except Fault as fault:
        status, headers = REFUSALS.get(fault.code, (400, {}))
        return {"status": status, "headers": dict(headers), "reject": fault.code}


def agree(asked, leniency=STRICT):
    config = asked.get("config", {})
    data = bytes.fromhex(asked["request"])
    request = {**parse_request(data, leniency), "expect": tokens(fields(head_of(data)[0][1:]).get("expect", []))}
    if request["path"] != config.get("path", request["path"]):
        return {"status": 404, "headers": {}, "reject": "unknown-path"}
    if "origins" in config and request["origin"] is not None and request["origin"] not in config["origins"]:
        return {"status": 403, "headers": {}, "reject": "origin-not-allowed"}
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
        headers["x-ws-version"], headers["x-ws-charset"] = chosen["version"], chosen["charset"]
    interim = {"interim": [100]} if "100-continue" in request["expect"] else {}
    return {"status": 101, "headers": headers, "reject": None, **interim}
