"""permessage-deflate (RFC 7692) over zlib: what is offered, what an answer may be, and both directions of the data."""
import re
import zlib

from .faults import on
from .oddities import odd

TAIL = b"\x00\x00\xff\xff"
TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
PARAMETER = re.compile(rf'\s*;\s*({TOKEN})\s*(?:=\s*(?:({TOKEN})|"((?:[^"\\]|\\.)*)"))?')
NAME = re.compile(rf"\s*({TOKEN})")


class Unacceptable(Exception):
    """An answer that does not follow from the offer."""


class Corrupt(Exception):
    """Data that cannot be inflated; `code` is the close code for it."""

    def __init__(self, reason, code=1007):
        super().__init__(reason)
        self.code = code


def offer():
    """What the client offers by itself."""
    if on("deflate-window-unasked-taken"):
        return "permessage-deflate"
    if on("deflate-window-unchecked"):
        return "permessage-deflate; server_max_window_bits=10; client_max_window_bits=10"
    if on("deflate-parameter-missing-taken"):
        return "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    return "permessage-deflate; client_max_window_bits"


def parse(field):
    """The extensions of a header field: a list of names with lists of (parameter, value or None)."""
    extensions, at = [], 0
    while True:
        found = NAME.match(field, at)
        if not found:
            raise Unacceptable(f"Sec-WebSocket-Extensions breaks the grammar: {field!r}")
        at, parameters = found.end(), []
        while found_parameter := PARAMETER.match(field, at):
            name, token, quoted = found_parameter.groups()
            value = token if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            if quoted is not None and not re.fullmatch(TOKEN, value):
                raise Unacceptable(f"a quoted value that is no token: {quoted!r}")
            parameters.append((name.lower(), value))
            at = found_parameter.end()
        extensions.append((found.group(1).lower(), parameters))
        rest = field[at:].strip()
        if not rest:
            return extensions
        if not rest.startswith(","):
            raise Unacceptable(f"Sec-WebSocket-Extensions breaks the grammar: {field!r}")
        at = field.index(",", at) + 1


def agreed(offer, answer):
    """The parameters of permessage-deflate in the answer, by name, or None where it names no extension."""
    if answer is None:
        return None
    extensions = parse(answer)
    offered = parse(offer) if offer else []
    for name, _ in extensions:
        if name != "permessage-deflate" and not on("extension-unasked-taken"):
            raise Unacceptable(f"the extension {name} was not offered")
    accepted = [parameters for name, parameters in extensions if name == "permessage-deflate"]
    if not accepted:
        return None
    if not offered:
        if on("deflate-unasked-taken"):
            return dict(accepted[0])
        raise Unacceptable("permessage-deflate was not offered")
    if len(accepted) > 1 and not on("deflate-twice-taken"):
        raise Unacceptable("permessage-deflate is accepted twice")
    parameters, mine = {}, dict(offered[0][1])
    for name, value in accepted[0]:
        if name in parameters and not on("deflate-parameter-repeated-taken"):
            raise Unacceptable(f"{name} is repeated")
        parameters[name] = value
        if name in ("server_no_context_takeover", "client_no_context_takeover"):
            valid = value is None
        elif name in ("server_max_window_bits", "client_max_window_bits"):
            valid = value is not None and re.fullmatch(r"[89]|1[0-5]", value)
        elif on("deflate-parameter-unknown-taken"):
            continue
        else:
            raise Unacceptable(f"the parameter {name} is unknown")
        if not valid:
            if not on("deflate-value-unchecked"):
                raise Unacceptable(f"{name} has the value {value!r}")
            parameters[name] = "15"
    if "client_max_window_bits" in parameters and "client_max_window_bits" not in mine \
            and not on("deflate-window-unasked-taken"):
        raise Unacceptable("client_max_window_bits was not offered")
    for name in ("server_max_window_bits", "client_max_window_bits"):
        if name in parameters and int(parameters[name]) > int(mine.get(name) or 15) and not on("deflate-window-unchecked"):
            raise Unacceptable(f"{name} is above the offer")
    for name in ("server_max_window_bits", "server_no_context_takeover"):
        if name in mine and name not in parameters and not on("deflate-parameter-missing-taken"):
            raise Unacceptable(f"{name} was offered and is not in the answer")
    return parameters


class Inflater:
    def __init__(self, takeover):
        self.takeover = takeover and not on("inflater-forgets-the-context")
        self.stream, self.window = zlib.decompressobj(-15), b""

    def inflate(self, data, limit):
        """The inflated message; Corrupt when it is broken, or longer than `limit`."""
        if not self.takeover:
            self.stream, self.window = zlib.decompressobj(-15), b""
        if on("stored-block-refused") and data and data[0] & 6 == 0:
            raise Corrupt("a stored block")
        output = bytearray()
        self._feed(data, output, limit)
        if self.stream.eof:
            if on("final-block-refused"):
                raise Corrupt("a block with BFINAL")
            self._anew(output)
        else:
            self._feed(TAIL, output, limit)
            if on("final-block-refused") and self.stream.eof:
                raise Corrupt("a block with BFINAL")
        if not on("inflated-truncated-taken"):
            # At the boundary of a block, a last empty block ends the stream and adds nothing.
            ahead = self.stream.copy()
            try:
                whole = ahead.decompress(b"\x03\x00") == b"" and ahead.eof and not ahead.unused_data
            except zlib.error:
                whole = False
            if not whole:
                raise Corrupt("the data end inside of a block")
        self.window = (self.window + output)[-32768:]
        return bytes(output)

    def _anew(self, output):
        self.stream = zlib.decompressobj(-15, zdict=bytes((self.window + output)[-32768:]))

    def _feed(self, data, output, limit):
        while data:
            if self.stream.eof:
                self._anew(output)
            room = limit + 1 - len(output)
            try:
                output += self.stream.decompress(data, room if not on("inflated-limit-not-held") else 0)
            except zlib.error as error:
                raise Corrupt(str(error)) from error
            if len(output) > limit and not on("inflated-limit-not-held"):
                raise Corrupt(f"more than {limit} bytes inflated", 1009)
            data = self.stream.unused_data if self.stream.eof else self.stream.unconsumed_tail


class Deflater:
    def __init__(self, takeover, bits):
        self.takeover = takeover or on("deflater-keeps-context")
        # zlib has no raw window of 8 bits; with 9 its distances stay below 251.
        self.bits = max(bits, 9)
        self.stream = None

    def deflate(self, message):
        bits = 15 if on("deflater-window-ignored-when-large") and len(message) > 1000 else self.bits
        if self.stream is None or not self.takeover or bits != self.bits:
            self.stream = zlib.compressobj(0 if odd("compresses-stored") else 6, zlib.DEFLATED, -bits)
        data = self.stream.compress(message) + self.stream.flush(zlib.Z_SYNC_FLUSH)
        if on("deflater-tail-left-when-large") and len(message) > 1000:
            return data
        return data[:-4]
