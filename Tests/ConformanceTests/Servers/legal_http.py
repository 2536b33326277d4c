"""The upgrade of a legal server: requests (RFC 9112) in, 101 or a refusal out."""
import asyncio
import base64
import binascii
import hashlib
import json
import re

import legal_deflate

NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
VERSIONS, CHARSETS = (1, 3), (0, 1)


class Refused(Exception):
    """A request that is not granted: status, phrase, further fields, what the body says, and whether its end is known."""

    def __init__(self, status, phrase, fields=(), problem=None, read=False):
        self.status, self.phrase, self.fields, self.problem, self.read = status, phrase, list(fields), problem, read


class Request:
    def __init__(self, target, fields):
        self.path, self.fields = target, fields

    def values(self, name):
        return [value for each, value in self.fields if each == name]

    def tokens(self, name):
        return [token.strip(" \t").lower() for value in self.values(name) for token in value.split(",")]


async def read(reader, switches):
    """The request, once it is whole."""
    try:
        async with asyncio.timeout(4 if switches.on("upgrade-408") else 20):
            head = await reader.readuntil(b"\r\n\r\n")
    except TimeoutError:
        if switches.on("upgrade-408"):
            raise Refused(408, "Request Timeout") from None
        raise
    except asyncio.LimitOverrunError:
        raise Refused(431, "Request Header Fields Too Large") from None
    if len(head) > (4096 if switches.on("head-4k") else 16384):
        raise Refused(431, "Request Header Fields Too Large")
    if switches.on("head-4k") and len(head.lstrip(b"\r\n").split(b"\r\n")[0]) > 2048:
        raise Refused(414, "URI Too Long")
    return parse(head[:-4], switches)


def parse(head, switches):
    bad, lenient = Refused(400, "Bad Request"), switches.on("lenient-http")
    lines = head.lstrip(b"\r\n").split(b"\r\n")
    start = re.fullmatch(rb"([!-~]+) ([!-~]+) HTTP/(\d)\.(\d)", lines[0])
    if not start:
        raise bad
    if start[3] != b"1" or start[4] == b"0":
        raise Refused(505, "HTTP Version Not Supported")
    fields = []
    for line in lines[1:]:
        if line[:1] in (b" ", b"\t"):
            if not switches.on("fold") or not fields:
                if lenient:
                    continue
                raise bad
            fields[-1] = fields[-1][0], (fields[-1][1] + b" " + line.strip(b" \t")).strip(b" \t")
            continue
        name, colon, value = line.partition(b":")
        value = value.strip(b" \t")
        if re.search(rb"[ \t]$", name) and colon:
            raise bad
        if not colon or not NAME.fullmatch(name) or re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value):
            if lenient:
                continue
            raise bad
        fields.append((name.lower(), value))
    if start[1] != b"GET":
        raise Refused(405, "Method Not Allowed", [("Allow", "GET")])
    target = re.sub(rb"^[A-Za-z][A-Za-z0-9+.\-]*://[^/?]*", b"", start[2]) or b"/"
    return Request(target.decode(), [(name.decode(), value.decode("latin-1")) for name, value in fields])


def check(request, switches):
    """What RFC 6455 section 4.2.1 asks of a request. The field Sec-WebSocket-Key is returned."""
    if switches.on("expect-417") and request.values("expect"):
        raise Refused(417, "Expectation Failed")
    framed = bool(request.values("transfer-encoding") or request.values("content-length"))
    bad = Refused(400, "Bad Request", [("Sec-WebSocket-Version", "13")], read=not framed)
    if len(request.values("host")) != 1 or request.values("transfer-encoding") or \
            any(value != "0" for value in request.values("content-length")):
        raise bad
    if "websocket" not in request.tokens("upgrade") or "upgrade" not in request.tokens("connection"):
        raise bad
    if request.values("sec-websocket-version") != ["13"]:
        raise Refused(426, "Upgrade Required", [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")], read=not framed)
    keys = request.values("sec-websocket-key")
    try:
        if len(keys) != 1 or len(base64.b64decode(keys[0], validate=True)) != 16:
            raise bad
    except binascii.Error:
        raise bad from None
    if request.path.partition("?")[0] != "/join" and not switches.on("any-path"):
        raise Refused(404, "Not Found", read=not framed)
    return keys[0]


def negotiate(request, query, switches):
    """The fields of the 101 by which version and charset are told."""
    offered = [token for token in request.values("sec-websocket-protocol") for token in token.replace(" ", "").split(",")]
    charsets = (0,) if switches.on("utf8-only") else CHARSETS
    supported = {"versions": {"min": VERSIONS[0], "max": VERSIONS[1]}, "charsets": list(charsets)}
    if offered:
        for token in offered:
            hit = re.fullmatch(r"ws\.v(0|[1-9]\d*)\.c(0|[1-9]\d*)", token)
            if hit and VERSIONS[0] <= int(hit[1]) <= VERSIONS[1] and int(hit[2]) in charsets:
                return [("Sec-WebSocket-Protocol", token), ("X-Ws-Version", hit[1]), ("X-Ws-Charset", hit[2])]
        raise Refused(406, "Not Acceptable", problem={"detail": "no subprotocol that is served", "supported": supported})
    numbers = {}
    for name in ("version", "charset"):
        text = query.get(name, "0")
        if not re.fullmatch("[+-]?[0-9]+", text):
            raise Refused(400, "Bad Request", problem={"detail": f"{name} is no decimal integer", "supported": supported})
        numbers[name] = int(text)
    version = min(numbers["version"] or VERSIONS[0], VERSIONS[1])
    if version < VERSIONS[0]:
        raise Refused(426, "Upgrade Required", [("Upgrade", "websocket")], {"detail": "version", "supported": supported})
    if numbers["charset"] not in charsets:
        raise Refused(406, "Not Acceptable", problem={"detail": "charset", "supported": supported})
    return [("X-Ws-Version", str(version)), ("X-Ws-Charset", str(numbers["charset"]))]


def extensions(request, compress, switches):
    """The value of Sec-WebSocket-Extensions in the answer and the compression, or None."""
    text = ", ".join(request.values("sec-websocket-extensions"))
    try:
        answer, deflate = legal_deflate.accept(text, switches)
    except legal_deflate.Malformed:
        raise Refused(400, "Bad Request") from None
    return (answer, deflate) if compress else (None, None)


def refusal(refused, switches):
    """The bytes of a refusal."""
    problem = refused.problem
    body, kind = f"{refused.status} {refused.phrase}\n", "text/plain; charset=utf-8"
    if problem is not None:
        body = json.dumps({"type": "about:blank", "title": refused.phrase, "status": refused.status, **problem})
        kind = "application/problem+json"
    fields = list(refused.fields)
    if switches.on("version-list"):
        fields = [(name, "13, 8, 7" if name == "Sec-WebSocket-Version" else value) for name, value in fields]
    if switches.on("refusal-case"):
        fields = [(name, "WebSocket, h2c" if name == "Upgrade" else value) for name, value in fields]
        kind = "Application/Problem+JSON; charset=utf-8" if problem is not None else "Text/Plain"
    data = body.encode()
    if switches.on("refusal-empty"):
        data = b""
    stays = "keep-alive" if switches.on("keep-alive") and refused.read else "close"
    fields += [("Content-Type", kind)] if data else []
    fields += [("Connection", stays if refused.status != 426 else f"Upgrade, {stays}")]
    if switches.on("chunked"):
        fields.append(("Transfer-Encoding", "chunked"))
        data = b"".join(b"%x;note=\"a chunk\"\r\n%s\r\n" % (len(data[index:index + 7]), data[index:index + 7])
                        for index in range(0, len(data), 7)) + b"0\r\nX-Trailer: end\r\n\r\n"
    elif not switches.on("until-end"):
        fields.append(("Content-Length", str(len(data))))
    phrase = "" if switches.on("no-phrase") else "Nicht m\u00f6glich (no)" if switches.on("phrase") else refused.phrase
    return head(refused.status, phrase, fields, switches, "1.0" if switches.on("refusal-http10") else "1.1") + data


def head(status, phrase, fields, switches, version="1.1"):
    lower = switches.on("headers", "lower-case")
    lines = [f"HTTP/{version} {status} {phrase}"] + [f"{name.lower() if lower else name}: {value}" for name, value in fields]
    return "".join(line + "\r\n" for line in lines + [""]).encode("latin-1")


def granted(key, extension, negotiated, switches):
    """The bytes of the 101, with what goes before it."""
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    fields = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)]
    phrase = "Switching Protocols"
    if switches.on("headers"):
        fields = [("Date", "Mon, 01 Jan 2024 00:00:00 GMT"), ("Server", "any/1.0 (odd; legal)"), ("Upgrade", "WebSocket"),
                  ("Connection", "keep-alive, Upgrade"), ("Sec-WebSocket-Accept", accept), ("X-Request-Id", "a;b=\"c\""), ("Via", "1.1 proxy")]
    if switches.on("connection-twice"):
        fields[1:2] = [("Connection", "keep-alive"), ("Connection", "upgrade")]
    if switches.on("accept-spaces"):
        fields = [(name, f" \t{value} \t ") for name, value in fields]
    if switches.on("many-fields"):
        fields += [("Set-Cookie", f"cookie{number}={'x' * 200}; Path=/; HttpOnly") for number in range(20)]
    if switches.on("fields-odd"):
        fields += [(f"X-{number % 40}", ("", "gr\u00fc\u00df dich", "a, b,, c", '"quoted \\" pair"')[number % 4]) for number in range(100)]
    if switches.on("no-phrase"):
        phrase = ""
    if switches.on("phrase"):
        phrase = "Web Socket Protocol Handsh\u00e4ke"
    if extension:
        fields.append(("Sec-WebSocket-Extensions", extension))
    if switches.on("fields-shuffled"):
        fields = fields[::-1] + [("Alt-Svc", "clear"), ("Strict-Transport-Security", "max-age=31536000"), ("Vary", "*")]
        fields = fields[1:] + fields[:1]
    before = b""
    if switches.on("interim"):
        before += b"HTTP/1.1 100 Continue\r\n\r\n"
    if switches.on("interim-many"):
        before += b"HTTP/1.1 102 Processing\r\n\r\n" * 3 + b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    return before + head(101, phrase, fields + negotiated, switches)
