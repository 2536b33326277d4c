"""The opening handshake of a client, without I/O (clauses 7.1, 7.2, 7.5, 12.3)."""
import base64
import hashlib
import os
import re
from typing import NamedTuple, Optional
from urllib.parse import urlsplit

from .errors import ProtocolError

HEAD_LIMIT = 16384
OFFER = "permessage-deflate; client_max_window_bits"
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_PARAMETER = re.compile(rf"[ \t]*;[ \t]*({_TOKEN})[ \t]*(?:=[ \t]*(?:({_TOKEN})|\"({_TOKEN})\"))?[ \t]*")


class Deflate(NamedTuple):
    """The parameters of permessage-deflate that were agreed on."""
    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = 15
    client_max_window_bits: int = 15


class Answer(NamedTuple):
    """What a server agreed to."""
    headers: dict  # by name in lower case
    protocol: Optional[str]
    deflate: Optional[Deflate]
    consumed: int  # bytes of the head; frames may follow it in the same segment


def new_key():
    return base64.b64encode(os.urandom(16)).decode("ascii")


def request(url, key, protocols=(), compress=False, headers=()):
    """The upgrade request for a URL, which must be ws or wss."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fields = [
        ("Host", host), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", key), ("Sec-WebSocket-Version", "13"),
        *([("Sec-WebSocket-Protocol", ", ".join(protocols))] if protocols else []),
        *([("Sec-WebSocket-Extensions", OFFER)] if compress else []), *headers,
    ]
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a line break in the URL or in a header field")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def answer(data, key, protocols=(), compress=False):
    """Reads the server's answer; None while its end has not arrived. Answers of the class 1xx before it are read over."""
    passed = 0
    while True:
        end = data.find(b"\r\n\r\n", passed)
        size = (len(data) if end < 0 else end + 4) - passed
        if size > HEAD_LIMIT:
            raise ProtocolError("headers-too-large")
        if end < 0:
            return None
        status, headers = _head(bytes(data[passed:end]).split(b"\r\n"), passed)
        passed = end + 4
        if status == "101" or not status.startswith("1"):
            return _judge(status, headers, key, protocols, compress, passed)


def _head(lines, offset):
    words = lines[0].split(b" ")
    fits = re.fullmatch(rb"HTTP/1\.[1-9]", words[0]) and len(words) > 1 and re.fullmatch(rb"[0-9]{3}", words[1])
    if not fits or re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", lines[0]):
        raise ProtocolError("bad-status-line")
    headers = {}
    for previous, line in zip(lines, lines[1:]):
        offset += len(previous) + 2
        match = re.fullmatch(rb"(" + _TOKEN.encode() + rb"):[ \t]*((?:[\t\x20-\x7e\x80-\xff])*)", line)
        if not match:
            raise ProtocolError("bad-header", offset)
        name, value = match[1].decode("ascii").lower(), match[2].rstrip(b" \t").decode("utf-8", "replace")
        headers.setdefault(name, []).append(value)
    return words[1].decode("ascii"), headers


def _has_token(headers, name, token):
    elements = (element for value in headers.get(name, []) for element in value.split(","))
    return any(element.strip(" \t").encode("utf-8").lower() == token for element in elements)


def _judge(status, headers, key, protocols, compress, consumed):
    expected = base64.b64encode(hashlib.sha1((key + _GUID).encode("utf-8")).digest()).decode("ascii")
    accepts, chosen = headers.get("sec-websocket-accept", []), headers.get("sec-websocket-protocol", [])
    faults = (
        (status != "101", "refused"), (not _has_token(headers, "upgrade", b"websocket"), "missing-upgrade"),
        (not _has_token(headers, "connection", b"upgrade"), "missing-connection"), (not accepts, "missing-accept"),
        (accepts != [expected], "wrong-accept"),
    )
    for is_fault, code in faults:
        if is_fault:
            raise ProtocolError(code)
    deflate = agreed(", ".join(headers["sec-websocket-extensions"]), compress) if "sec-websocket-extensions" in headers else None
    if len(chosen) > 1 or chosen and chosen[0] not in protocols:
        raise ProtocolError("unoffered-protocol")
    return Answer({name: ", ".join(values) for name, values in headers.items()}, chosen[0] if chosen else None, deflate, consumed)


def agreed(header, offered):
    """The meaning of the server's Sec-WebSocket-Extensions, against the one offer that this client makes."""
    header = header.strip(" \t,")
    if not header:
        return None
    name = re.match(_TOKEN, header)
    if not offered or name is None or name[0] != "permessage-deflate":
        raise ProtocolError("unoffered-extension")
    at, values = name.end(), {}
    while at < len(header):
        match = _PARAMETER.match(header, at)
        if match is None or match[1] in values or match[1] not in Deflate._fields:
            raise ProtocolError("bad-extension")
        given, is_window = match[2] or match[3], match[1].endswith("bits")
        if is_window and not re.fullmatch("[89]|1[0-5]", given or "") or not is_window and given is not None:
            raise ProtocolError("bad-extension")
        values[match[1]] = int(given) if is_window else True
        at = match.end()
    return Deflate(**values)
