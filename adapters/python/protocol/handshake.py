"""The upgrade request and its answer."""
import base64
import binascii
import hashlib
import re

from .deflate import TOKEN, answer_offers, check_answer
from .metadata import select
from .refusal import Refused

HEAD_LIMIT = 16384
WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def text_of(data):
    return data.decode("utf-8", "replace")


def split_head(data):
    """The lines of a message head with their offsets, and its size with the empty line."""
    end = data.find(b"\r\n\r\n")
    if (len(data) if end < 0 else end + 4) > HEAD_LIMIT:
        raise Refused("headers-too-large")
    if end < 0:
        raise Refused("incomplete")
    lines, at = [], 0
    for line in data[:end].split(b"\r\n"):
        lines.append((at, line))
        at += len(line) + 2
    return lines, end + 4


class Headers:
    """Header fields; names in any case."""

    def __init__(self, lines):
        self.values = {}
        for offset, line in lines:
            name, colon, value = line.partition(b":")
            is_name = name and all(byte in TOKEN for byte in name)
            is_value = all(byte == 0x09 or 0x20 <= byte != 0x7F for byte in value)
            if not (colon and is_name and is_value):
                raise Refused("bad-header", offset)
            self.values.setdefault(name.decode("ascii").lower(), []).append(text_of(value.strip(b" \t")))

    def all(self, name):
        return self.values.get(name, [])

    def joined(self, name):
        return ", ".join(self.values[name]) if name in self.values else None

    def elements(self, name):
        """The elements of a field that is a list, over all fields of that name."""
        parts = (part.strip(" \t") for value in self.all(name) for part in value.split(","))
        return [part for part in parts if part]

    def has_token(self, name, token):
        # In any case of ASCII: text.lower() would take the Kelvin sign for a k.
        return token in (element.encode("utf-8").lower() for element in self.elements(name))


def is_http_1_1_or_later_1(version):
    return re.fullmatch(rb"HTTP/1\.[1-9]", version) is not None


def accept_value(key):
    return base64.b64encode(hashlib.sha1((key + WEBSOCKET_GUID).encode("utf-8")).digest()).decode("ascii")


def is_key(key):
    try:
        raw = base64.b64decode(key.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == 16 and base64.b64encode(raw).decode("ascii") == key


def split_target(target):
    """The host that a target in absolute form names (else None), the path and the query."""
    match = re.match(rb"(?:https?|wss?)://([^/?]*)", target, re.IGNORECASE)
    if match is None:
        path, _, query = target.partition(b"?")
        return None, path, query
    host = match.group(1)
    if not host or host[:1] == b":" or b"@" in host:
        raise Refused("bad-request-line")
    path, _, query = target[match.end():].partition(b"?")
    return text_of(host), path or b"/", query


def refuse_content(lines, headers):
    """An upgrade request has no content. What a server does not read as content it would read as frames."""
    def fault(code, name):
        at = [offset for offset, line in lines if line.partition(b":")[0].lower() == name.encode("ascii")]
        raise Refused(code, at[-1])
    if headers.all("transfer-encoding"):
        codings = [coding.lower() for coding in headers.elements("transfer-encoding")]
        is_certain = codings.count("chunked") == 1 and codings[-1] == "chunked"
        fault("has-content" if is_certain else "bad-framing", "transfer-encoding")
    lengths = {length.strip(" \t") for value in headers.all("content-length") for length in value.split(",")}
    if len(lengths) > 1 or any(re.fullmatch("[0-9]+", length) is None for length in lengths):
        fault("bad-framing", "content-length")
    if any(length.strip("0") for length in lengths):
        fault("has-content", "content-length")


def parse_request(data):
    lines, consumed = split_head(data)
    words = lines[0][1].split(b" ")
    if (len(words) != 3 or not all(words) or any(byte not in TOKEN for byte in words[0])
            or any(not 0x20 < byte != 0x7F for byte in words[1]) or not words[2].startswith(b"HTTP/")
            or any(not 0x20 < byte != 0x7F for byte in words[2])):
        raise Refused("bad-request-line")
    method, target, version = words
    host, path, query = split_target(target)
    if not is_http_1_1_or_later_1(version):
        raise Refused("bad-http-version")
    headers = Headers(lines[1:])
    if method != b"GET":
        raise Refused("not-get")
    if not headers.all("host"):
        raise Refused("missing-host")
    if not headers.has_token("upgrade", b"websocket"):
        raise Refused("missing-upgrade")
    if not headers.has_token("connection", b"upgrade"):
        raise Refused("missing-connection")
    if not headers.all("sec-websocket-version"):
        raise Refused("missing-version")
    if headers.all("sec-websocket-version") != ["13"]:
        raise Refused("unsupported-version")
    keys = headers.all("sec-websocket-key")
    if not keys:
        raise Refused("missing-key")
    if len(keys) > 1 or not is_key(keys[0]):
        raise Refused("bad-key")
    refuse_content(lines[1:], headers)
    return {
        "path": text_of(path), "query": query.hex(), "host": host or headers.joined("host"),
        "origin": headers.joined("origin"), "key": keys[0], "extensions": headers.joined("sec-websocket-extensions"),
        "protocols": headers.elements("sec-websocket-protocol"), "consumed": consumed,
    }


def parse_response(data, asked):
    """The answer; those of the class 1xx that come before it are read over."""
    before = 0
    while True:
        try:
            lines, size = split_head(data[before:])
            version, _, rest = lines[0][1].partition(b" ")
            status = rest.split(b" ")[0]
            if not is_http_1_1_or_later_1(version) or not re.fullmatch(rb"[0-9]{3}", status):
                raise Refused("bad-status-line")
            headers = Headers(lines[1:])
        except Refused as fault:
            if fault.offset is not None:
                fault.offset += before
            raise
        before += size
        if status == b"101" or not status.startswith(b"1"):
            return judge_response(status, headers, before, asked)


def judge_response(status, headers, consumed, asked):
    if status != b"101":
        raise Refused("refused")
    if not headers.has_token("upgrade", b"websocket"):
        raise Refused("missing-upgrade")
    if not headers.has_token("connection", b"upgrade"):
        raise Refused("missing-connection")
    if not headers.all("sec-websocket-accept"):
        raise Refused("missing-accept")
    if headers.all("sec-websocket-accept") != [accept_value(asked["key"])]:
        raise Refused("wrong-accept")
    extensions = headers.joined("sec-websocket-extensions")
    if extensions is not None:
        try:
            check_answer(asked.get("offeredExtensions") or "", extensions)
        except Refused as fault:
            raise Refused("unoffered-extension" if fault.code == "unoffered-extension" else "bad-extension")
    protocols = headers.all("sec-websocket-protocol")
    if len(protocols) > 1 or protocols and protocols[0] not in (asked.get("offeredProtocols") or []):
        raise Refused("unoffered-protocol")
    return {
        "status": 101, "extensions": extensions, "protocol": protocols[0] if protocols else None, "consumed": consumed,
    }


def handshake_parse(asked):
    data = b"".join(map(bytes.fromhex, asked["pieces"]))
    return parse_request(data) if asked["side"] == "server" else parse_response(data, asked)


VERSION_13 = {"sec-websocket-version": "13", "upgrade": "websocket"}
REFUSALS = {  # what is not here is a 400
    "not-get": (405, {"allow": "GET"}), "bad-http-version": (505, {}), "headers-too-large": (431, {}),
    "unsupported-version": (426, VERSION_13), "missing-version": (426, VERSION_13), "unknown-path": (404, {}),
    "forbidden-origin": (403, {}), "version-too-low": (426, {"upgrade": "websocket"}),
    "charset-unsupported": (406, {}), "no-protocol": (406, {}),
}


def accept_request(request, config):
    """The headers of the 101."""
    if "path" in config and request["path"] != config["path"]:
        raise Refused("unknown-path")
    if "origins" in config and request["origin"] is not None and request["origin"] not in config["origins"]:
        raise Refused("forbidden-origin")
    headers = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": accept_value(request["key"])}
    if request["extensions"] is not None:
        response = answer_offers(request["extensions"], {})
        if response is not None and config.get("compression", False):
            headers["sec-websocket-extensions"] = response
    versions, charsets = config.get("versions"), config.get("charsets")
    offered = ", ".join(request["protocols"]) or None
    selected = select(bytes.fromhex(request["query"]), offered, versions, charsets)
    if selected["protocol"] is not None:
        headers["sec-websocket-protocol"] = selected["protocol"]
    if versions is not None or charsets is not None:
        headers["x-ws-version"] = str(selected["version"])
        headers["x-ws-charset"] = str(selected["charset"])
    return headers


def handshake_respond(asked):
    try:
        data = bytes.fromhex(asked["request"])
        request = parse_request(data)
        headers = Headers(split_head(data)[0][1:])
        answer = {"status": 101, "headers": accept_request(request, asked.get("config", {})), "reject": None}
        return {**answer, "interim": [100]} if headers.has_token("expect", b"100-continue") else answer
    except Refused as fault:
        status, headers = REFUSALS.get(fault.code, (400, {}))
        return {"status": status, "headers": headers, "reject": fault.code}
