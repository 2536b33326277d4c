"""The opening handshake: a request read, metadata and extension offers in it, and the answer."""
import base64
import hashlib
import re
import unicodedata
import zlib
from urllib.parse import unquote_to_bytes

from faulty.faults import on

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
last_offer = None
last_key = ""


class Refused(Exception):
    def __init__(self, status, reason, fields=()):
        self.status, self.reason, self.fields = status, reason, fields


class Request:
    """The head of a request: method, path, query, and the values of each field by lower-case name."""

    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        parts = lines[0].split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise Refused(400, "Bad Request")
        self.method, self.target, self.version = parts
        if match := re.match(r"https?://[^/?]*", self.target):
            self.target = self.target[match.end():] or "/"
        self.path, _, self.query = self.target.partition("?")
        if on("query-split-at-last-question-mark"):
            self.query = self.target.rpartition("?")[2]
        self.fields = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not re.fullmatch(TOKEN, name) or re.search("[\0-\x08\n-\x1f\x7f]", value):
                raise Refused(400, "Bad Request")
            if on("header-case") and name != "-".join(part.capitalize() for part in name.split("-")).replace(
                    "Websocket", "WebSocket"):
                continue
            value = value[1:] if on("field-value-untrimmed") else value.strip(" \t")
            self.fields.setdefault(name.lower(), []).append(value)

    def listed(self, name):
        values = self.fields.get(name, [])
        joined = ",".join(values[:1] if on("connection-second-field-ignored") else values)
        return [item.strip(" \t").lower() for item in joined.split(",")]

    def check(self, path):
        if self.method != "GET":
            raise Refused(405, "Method Not Allowed")
        if self.path != path:
            raise Refused(404, "Not Found")
        if self.version != "HTTP/1.1" or len(self.fields.get("host", [])) != 1:
            raise Refused(400, "Bad Request")
        if "content-length" in self.fields and self.fields["content-length"] != ["0"]:
            raise Refused(400, "Bad Request")
        if "transfer-encoding" in self.fields:
            raise Refused(400, "Bad Request")
        upgrade, connection = self.listed("upgrade"), self.listed("connection")
        if on("connection-list-refused") and len(connection) > 1:
            raise Refused(400, "Bad Request")
        pairs = self.query.split("&") if self.query else []
        if on("query-empty-pair-refused") and not all(pairs):
            raise Refused(400, "Bad Request")
        if on("query-without-value-refused") and not all("=" in pair for pair in pairs):
            raise Refused(400, "Bad Request")
        if on("upgrade-case-refused") and self.fields.get("upgrade") != ["websocket"]:
            raise Refused(400, "Bad Request")
        if "websocket" not in upgrade or "upgrade" not in connection:
            raise Refused(400, "Bad Request")
        if self.fields.get("sec-websocket-version") != ["13"]:
            raise Refused(426, "Upgrade Required", [("Upgrade", "websocket"), ("Connection", "Upgrade")])
        keys = self.fields.get("sec-websocket-key", [])
        try:
            good = len(keys) == 1 and len(base64.b64decode(keys[0], validate=True)) == 16 and len(keys[0]) == 24
        except ValueError:
            good = False
        if not good and not on("field-value-untrimmed"):
            raise Refused(400, "Bad Request")
        self.key = keys[0]


def accept(key):
    return base64.b64encode(hashlib.sha1(key.encode("latin-1") + GUID).digest()).decode()


def integer(text):
    if on("typed-hexadecimal") and re.fullmatch(r"0[xX][0-9a-fA-F]+", text):
        return int(text, 16)
    if on("typed-octal") and re.fullmatch("0[0-7]+", text):
        return int(text, 8)
    if on("typed-trimmed"):
        text = text.strip()
    if on("typed-prefix"):
        text = re.match(r"[+-]?[0-9]*", text).group()
    if on("typed-plus-refused") and text.startswith("+"):
        return 0
    if on("typed-as-python") and not text.isascii() or on("typed-as-python") and "_" in text:
        try:
            return int(text.encode("latin-1").decode())
        except ValueError:
            return 0
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        return 0
    value = int(text)
    if on("typed-negative-is-zero") and value < 0:
        return 0
    if on("typed-as-double"):
        value = int(float(value))
    if on("typed-16-bits"):
        return value & 0xFFFF
    if on("typed-32-bits"):
        return value & 0xFFFFFFFF
    return max(-2**63, min(2**63 - 1, value))


def metadata(query):
    """The text of each parameter: the first of repeated ones, broken pairs dropped."""
    values = {}
    pairs = re.split("[&;]" if on("query-semicolon-splits") else "&", query)
    if on("query-at-most-16"):
        pairs = pairs[:16]
    for pair in pairs:
        broken = re.search("%(?![0-9A-Fa-f]{2})", pair) or ";" in pair
        if broken and on("query-broken-drops-all"):
            return {}
        if broken and not on("query-broken-kept"):
            continue
        key, _, value = pair.partition("=")
        if on("query-value-ends-at-equals"):
            value = value.split("=")[0]
        if on("query-upper-hex-only"):
            value = re.sub("%(?=[0-9]?[a-f])", "%25", value)
        if not on("query-undecoded"):
            plain = (lambda text: text) if on("query-plus-kept") else (lambda text: text.replace("+", " "))
            if on("query-plus-behind-escape"):
                key, value = (plain(unquote_to_bytes(text).decode("latin-1")) for text in (key, value))
            else:
                key, value = (unquote_to_bytes(plain(text)).decode("latin-1") for text in (key, value))
            if on("query-decoded-twice"):
                key, value = (unquote_to_bytes(text.encode("latin-1")).decode("latin-1") for text in (key, value))
        if on("query-key-case-ignored"):
            key = {name.lower(): name for name in ("uid", "typed", "deviceId", "source")}.get(key.lower(), key)
        if on("query-empty-passed-over") and not value:
            continue
        if on("query-plus-kept-in-source") and key == "source" and "+" in pair:
            value = pair.partition("=")[2]
        if on("query-last-wins") or key not in values:
            values[key] = value
    return values


def identity(query, deflate):
    if on("identity-of-raw-query"):
        raw = dict(pair.partition("=")[::2] for pair in query.split("&")[::-1])
        return "-".join([raw.get("uid", ""), str(integer(raw.get("typed", ""))), raw.get("deviceId", ""), raw.get("source", "")])
    values = metadata(query)
    uid, typed = values.get("uid", ""), integer(values.get("typed", ""))
    if on("uid-case-ignored"):
        uid = uid.lower()
    if on("uid-as-number") and uid.isdecimal():
        uid = str(int(uid))
    if on("uid-32-characters"):
        uid = uid[:32]
    if on("uid-not-ascii-replaced"):
        uid = uid.encode("latin-1").decode("ascii", "replace")
    if on("uid-cut-at-nul"):
        uid = uid.split("\0")[0]
    uid = of_text(uid)
    if on("typed-as-text"):
        typed = values.get("typed", "0")
    parts = [uid, str(typed), values.get("deviceId", ""), values.get("source", "")]
    if on("identity-with-version"):
        parts.append(values.get("version", ""))
    if on("identity-with-charset"):
        parts.append(values.get("charset", ""))
    if on("identity-with-compression"):
        parts.append(str(deflate is not None))
    if on("identity-device-ignored"):
        parts[2] = ""
    if on("identity-empty-parts-left-out"):
        parts = [part for part in parts if part]
    if on("device-case-ignored"):
        parts[2] = parts[2].lower()
    if on("source-case-ignored"):
        parts[3] = parts[3].lower()
    if on("device-64-characters"):
        parts[2] = parts[2][:64]
    if on("source-16-characters"):
        parts[3] = parts[3][:16]
    if on("hub-keyed-by-hash"):
        key = 0
        for character in "-".join(parts):
            key = key * 31 + ord(character) & 0xFFFFFFFF
        return str(key)
    if on("hub-keyed-by-crc"):
        return str(zlib.crc32("-".join(parts).encode("latin-1")))
    if on("identity-as-tuple"):
        return "\0".join(parts)
    return "-".join(parts)


def of_text(uid):
    """The user id as servers keep it that take it for a text of some kind."""
    if on("uid-trimmed"):
        uid = uid.strip()
    if on("uid-255-characters"):
        uid = uid[:255]
    if on("uid-invalid-utf-8-replaced"):
        uid = uid.encode("latin-1").decode("utf-8", "replace").encode().decode("latin-1")
    if on("uid-normalized"):
        try:
            uid = unicodedata.normalize("NFC", uid.encode("latin-1").decode()).encode().decode("latin-1")
        except UnicodeDecodeError:
            pass
    return uid


def offers(values):
    """The offers of Sec-WebSocket-Extensions: (name, [(parameter, value or None)]); None for a broken header."""
    listed = []
    for value in values:
        rest = value
        while True:
            name, rest = token(rest)
            if name is None:
                return None
            parameters = []
            while rest.startswith(";"):
                key, rest = token(rest[1:])
                if key is None:
                    return None
                text = None
                if rest.startswith("="):
                    text, rest = token(rest[1:], quoted=True)
                    if text is None:
                        return None
                parameters.append((key, text))
            listed.append((name, parameters))
            if not rest:
                break
            if not rest.startswith(","):
                return None
            rest = rest[1:]
    return listed


def token(text, quoted=False):
    text = text.lstrip(" \t")
    if quoted and text.startswith('"'):
        match = re.match(r'"((?:[^"\\]|\\.)*)"', text)
        if not match:
            return None, text
        value = re.sub(r"\\(.)", r"\1", match.group(1))
        if on("offers-quoted-not-honoured"):
            value = '"' + value
        elif not re.fullmatch(TOKEN, value):
            return None, text
        return value, text[match.end():].lstrip(" \t")
    match = re.match(TOKEN, text)
    return (match.group(), text[match.end():].lstrip(" \t")) if match else (None, text)


class Deflate:
    """What was agreed upon: window bits and context takeover of each side."""
    server_bits, client_bits, server_takeover, client_takeover = 15, 15, True, True

    def __init__(self):
        self.answer = ["permessage-deflate"]


def negotiated(values):
    """The first offer that can be met, or None; raises Refused for a header that breaks the grammar."""
    global last_offer
    if not values:
        return last_offer if on("offers-kept-for-next") else None
    if on("offers-second-field-ignored"):
        values = values[:1]
    listed = offers(values)
    if listed is None:
        raise Refused(400, "Bad Request")
    if on("offers-first-only"):
        listed = listed[:1]
    if on("offers-last-preferred"):
        listed = listed[::-1]
    kept = Deflate()
    for name, parameters in listed:
        kept.answer = ["permessage-deflate"]
        if name != "permessage-deflate" and not (on("offers-prefix-matched") and name.startswith("permessage-deflate")):
            continue
        if (deflate := accepted(parameters, kept if on("offers-declined-takeover-kept") else Deflate())) is not None:
            last_offer = deflate
            return deflate
    return None


def accepted(parameters, deflate):
    names = [name for name, _ in parameters]
    if len(set(names)) != len(names) and not on("offers-repeated-accepted"):
        return None
    for name, value in parameters:
        bits = int(value) if value and re.fullmatch("8|9|1[0-5]", value) else None
        if value and value.startswith('"'):
            continue
        if on("offers-leading-zero-accepted") and value and re.fullmatch("0+[0-9]+", value):
            bits = max(9, min(15, int(value)))
        if on("offers-out-of-range-clamped") and value and value.isdecimal() and bits is None:
            bits = max(9, min(15, int(value)))
        if name == "server_no_context_takeover" and (value is None or on("offers-value-ignored")):
            deflate.server_takeover = False
            deflate.answer.append(name)
        elif name == "client_no_context_takeover" and (value is None or on("offers-value-ignored")):
            deflate.client_takeover = False
            deflate.answer.append(name)
        elif name == "server_max_window_bits" and bits is not None and bits > 8:
            deflate.server_bits = bits
            deflate.answer.append(f"{name}={15 if on('offers-window-answered-15') else bits}")
        elif name == "server_max_window_bits" and bits == 8 and on("offers-window-8-answered-9"):
            deflate.server_bits = 9
            deflate.answer.append(f"{name}=9")
        elif name == "client_max_window_bits" and (bits is not None or value is None):
            if on("offers-client-window-raised"):
                deflate.answer.append(f"{name}=15")
        elif not on("offers-unknown-accepted"):
            return None
    if on("offers-client-window-unasked") and "client_max_window_bits" not in names:
        deflate.answer.append("client_max_window_bits=15")
    if on("offers-takeover-unanswered"):
        deflate.answer = [part for part in deflate.answer if part != "server_no_context_takeover"]
    return deflate
