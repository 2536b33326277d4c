"""The opening handshake (RFC 6455 section 4.1): the request, and what its answer has to be."""
import base64
import hashlib
import os
import re

from . import deflate
from .faults import on
from .oddities import odd

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
HEAD_LIMIT = 16384
STATUS_LINE = re.compile(r"HTTP/1\.[1-9] ([1-5]\d\d)(?: (.*))?")


class Refused(Exception):
    """The connection did not come about; `status` is the answer's where the server refused in due form."""

    def __init__(self, reason, status=None):
        super().__init__(reason)
        self.status = status


def make_key():
    if on("key-always-the-same"):
        return "AQIDBAUGBwgJCgsMDQ4PEA=="
    return base64.b64encode(os.urandom(8 if on("key-of-8-bytes") else 16)).decode()


def make_request(authority, target, key, offer):
    """The bytes of the request."""
    fields = [("Host", authority), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", key),
              ("Sec-WebSocket-Version", "8" if on("version-8") else "13")]
    if on("host-left-out"):
        fields = fields[1:]
    if odd("host-last"):
        fields = fields[1:] + fields[:1]
    if odd("connection-list"):
        fields = [(name, "keep-alive, Upgrade" if name == "Connection" else value) for name, value in fields]
    if odd("headers-more"):
        fields += [("Origin", "https://example.org"), ("Cookie", "a=1; b=" + "x" * 300), ("X-Client", "odd"),
                   ("User-Agent", "independent-client"), ("Accept-Language", "en, de;q=0.5")]
    if odd("offers-much"):
        fields += [("Sec-WebSocket-Protocol", "chat, ws.v3.c1")]
        offer = "x-nobody-knows; level=3" + (f", {offer}" if offer else "")
    if offer:
        fields.append(("Sec-WebSocket-Extensions", offer))
    if odd("headers-lower"):
        fields = [(name.lower(), value) for name, value in fields]
    if odd("headers-upper"):
        fields = [(name.upper(), value) for name, value in fields]
    lines = [f"GET {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in fields]
    return "\r\n".join(lines + ["", ""]).encode()


class Answer:
    """The head of an answer: its status, and its fields by name in lower case."""

    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        line = STATUS_LINE.fullmatch(lines[0])
        if not line:
            raise Refused(f"the answer begins with {lines[0][:60]!r}")
        self.status, self.fields = int(line.group(1)), {}
        for text in lines[1:]:
            name, colon, value = text.partition(":")
            if not colon or not re.fullmatch(deflate.TOKEN, name) or "\r" in value or "\n" in value or "\0" in value:
                raise Refused(f"a field of the answer cannot be read: {text[:60]!r}")
            name = name if on("header-names-by-case") else name.lower()
            self.fields.setdefault(name, []).append(value.strip(" \t"))

    def values(self, name):
        return self.fields.get(name if on("header-names-by-case") else name.lower(), [])

    def tokens(self, name):
        return [token.strip(" \t").lower() for value in self.values(name) for token in value.split(",")]


def check(answer, key, offer):
    """Whether the connection is open: the parameters of permessage-deflate, or None where it is not in use; else Refused."""
    if answer.status != 101 and not on("status-unchecked"):
        raise Refused(f"the server refused the upgrade with {answer.status}", answer.status)
    if "websocket" not in answer.tokens("Upgrade") and not on("upgrade-unchecked"):
        raise Refused(f"Upgrade is {answer.values('Upgrade')}")
    connection = answer.tokens("Connection")
    if on("connection-list-refused") and len(connection) > 1:
        raise Refused("Connection is a list")
    if "upgrade" not in connection and not on("connection-unchecked"):
        raise Refused(f"Connection is {answer.values('Connection')}")
    expected = [base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()]
    accept = answer.values("Sec-WebSocket-Accept")
    if on("accept-compared-without-case"):
        expected, accept = [expected[0].lower()], [value.lower() for value in accept]
    if accept != expected and not on("accept-unchecked") and not (on("accept-missing-taken") and not accept):
        raise Refused(f"Sec-WebSocket-Accept is {accept}, not {expected}")
    protocols = answer.values("Sec-WebSocket-Protocol")
    asked = ["chat", "ws.v3.c1"] if odd("offers-much") else []
    if protocols and not on("subprotocol-unasked-taken") and (len(protocols) > 1 or protocols[0] not in asked):
        raise Refused(f"the subprotocol {protocols} was not offered")
    extensions = answer.values("Sec-WebSocket-Extensions")
    try:
        return deflate.agreed(offer, ", ".join(extensions) if extensions else None)
    except deflate.Unacceptable as reason:
        raise Refused(str(reason)) from reason


async def receive(source):
    """The final answer; answers with 1xx other than 101 are read over."""
    while True:
        if on("answer-in-pieces-lost"):
            head = await source.some()
            if b"\r\n\r\n" not in head:
                raise Refused("the answer has no end")
            head, _, rest = head.partition(b"\r\n\r\n")
            source.put_back(rest)
        else:
            head = await source.until(b"\r\n\r\n", HEAD_LIMIT)
        answer = Answer(head)
        if answer.status == 101 or answer.status >= 200 or on("interim-taken-as-final"):
            return answer
