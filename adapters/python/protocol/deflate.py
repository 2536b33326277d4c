"""permessage-deflate (RFC 7692)."""
import struct
import zlib

from .refusal import Refused
from .websocket import MAX_MESSAGE_LENGTH

TOKEN = frozenset(b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
DEFLATE = "permessage-deflate"
SERVER_FRESH, CLIENT_FRESH = "server_no_context_takeover", "client_no_context_takeover"
SERVER_WINDOW, CLIENT_WINDOW = "server_max_window_bits", "client_max_window_bits"
WINDOW_VALUES = {str(bits): bits for bits in range(8, 16)}
TAIL = b"\x00\x00\xff\xff"


class ExtensionHeader:
    """The value of Sec-WebSocket-Extensions, by the grammar of RFC 6455 section 9.1."""

    def __init__(self, text):
        self.data, self.at = text.encode("utf-8"), 0

    def refuse(self):
        raise Refused("bad-grammar", self.at)

    def next(self):
        """The next byte that is no space; None at the end."""
        while self.at < len(self.data) and self.data[self.at] in b" \t":
            self.at += 1
        return self.data[self.at] if self.at < len(self.data) else None

    def takes(self, character):
        if self.next() != ord(character):
            return False
        self.at += 1
        return True

    def token(self):
        self.next()
        start = self.at
        while self.at < len(self.data) and self.data[self.at] in TOKEN:
            self.at += 1
        if self.at == start:
            self.refuse()
        return self.data[start:self.at].decode("ascii")

    def value(self):
        if not self.takes('"'):
            return self.token()
        out = ""
        while self.at < len(self.data) and self.data[self.at] != ord('"'):
            if self.data[self.at] == ord("\\"):
                self.at += 1
            if self.at == len(self.data) or self.data[self.at] not in TOKEN:
                self.refuse()
            out += chr(self.data[self.at])
            self.at += 1
        if self.at == len(self.data) or not out:
            self.refuse()
        self.at += 1
        return out

    def extensions(self):
        """Each extension: its name, and its parameters as pairs of a name and a value or None."""
        found = []
        while True:
            while self.takes(","):
                pass
            if self.next() is None and found:
                return found
            name, parameters = self.token(), []
            while self.takes(";"):
                parameter = self.token()
                parameters.append((parameter, self.value() if self.takes("=") else None))
            found.append((name, parameters))
            if self.next() is not None and not self.takes(","):
                self.refuse()


def read_extensions(text):
    return ExtensionHeader(text).extensions()


def check_parameter(name, value, seen, bare_client_window):
    """The meaning of one parameter of permessage-deflate: True, a window, or None for a window without a value."""
    if name not in (SERVER_FRESH, CLIENT_FRESH, SERVER_WINDOW, CLIENT_WINDOW):
        raise Refused("unknown-parameter")
    if name in seen:
        raise Refused("repeated-parameter")
    if name in (SERVER_FRESH, CLIENT_FRESH):
        if value is not None:
            raise Refused("bad-value")
        return True
    if value is None and name == CLIENT_WINDOW and bare_client_window:
        return None
    if value not in WINDOW_VALUES:
        raise Refused("bad-value")
    return WINDOW_VALUES[value]


def read_offer(parameters):
    offer = {}
    for name, value in parameters:
        offer[name] = check_parameter(name, value, offer, bare_client_window=True)
    return offer


def answer_offers(offers, config):
    """The server's answer: to the first offer of permessage-deflate that is valid; None declines."""
    for name, parameters in read_extensions(offers):
        if name != DEFLATE:
            continue
        try:
            offer = read_offer(parameters)
        except Refused:
            continue
        parts = [DEFLATE]
        if SERVER_FRESH in offer or config.get("serverNoContextTakeover", False):
            parts.append(SERVER_FRESH)
        if CLIENT_FRESH in offer or config.get("clientNoContextTakeover", False):
            parts.append(CLIENT_FRESH)
        own = config.get("serverMaxWindowBits", 15)
        if SERVER_WINDOW in offer or own < 15:
            parts.append(f"{SERVER_WINDOW}={min(own, offer.get(SERVER_WINDOW, 15))}")
        if CLIENT_WINDOW in offer:
            bits = min(config.get("clientMaxWindowBits", 15), offer[CLIENT_WINDOW] or 15)
            if bits < 15:
                parts.append(f"{CLIENT_WINDOW}={bits}")
        return "; ".join(parts)
    return None


def check_answer(offer, response):
    """What a client makes of the server's answer; None for none."""
    if not response.strip(" \t"):
        return None
    answers = read_extensions(response)
    offered = [read_offer(parameters) for name, parameters in (read_extensions(offer) if offer.strip(" \t") else [])
               if name == DEFLATE]
    for position, (name, _) in enumerate(answers):
        if name != DEFLATE or not offered:
            raise Refused("unoffered-extension")
        if position > 0:
            raise Refused("repeated-extension")
    faults = []
    for one in offered:
        try:
            return check_answer_to(one, answers[0][1])
        except Refused as fault:
            faults.append(fault)
    raise faults[0]


def check_answer_to(offer, parameters):
    answer = {}
    for name, value in parameters:
        meaning = check_parameter(name, value, answer, bare_client_window=False)
        if name == CLIENT_WINDOW and name not in offer:
            raise Refused("unoffered-window")
        if name in (SERVER_WINDOW, CLIENT_WINDOW) and meaning > (offer.get(name) or 15):
            raise Refused("window-above-offer")
        answer[name] = meaning
    for name in (SERVER_FRESH, SERVER_WINDOW):
        if name in offer and name not in answer:
            raise Refused("missing-parameter")
    return {
        "serverNoContextTakeover": SERVER_FRESH in answer, "clientNoContextTakeover": CLIENT_FRESH in answer,
        "serverMaxWindowBits": answer.get(SERVER_WINDOW, 15), "clientMaxWindowBits": answer.get(CLIENT_WINDOW, 15),
    }


def deflate_negotiate(asked):
    if asked["side"] == "server":
        return {"response": answer_offers(asked["offers"], asked.get("config", {}))}
    return {"parameters": check_answer(asked["offer"], asked["response"])}


def deflate_compress(asked):
    # zlib refuses a raw window of 8 bits. With 9 its distances stay at most 250, which a window of 8 bits holds.
    window = max(asked.get("windowBits", 15), 9)
    takeover, level = asked.get("contextTakeover", True), asked.get("level", 6)
    deflater, out = None, []
    for message in map(bytes.fromhex, asked["messages"]):
        if deflater is None or not takeover:
            deflater = zlib.compressobj(level, zlib.DEFLATED, -window)
        data = deflater.compress(message) + deflater.flush(zlib.Z_SYNC_FLUSH)
        # Two empty messages in a row: zlib has nothing to flush, and an empty stored block says the same.
        out.append(data[:-len(TAIL)] if data.endswith(TAIL) else b"\x00")
    return {"messages": [message.hex() for message in out]}


class MessageInflater:
    """Inflates one message after the other, never beyond the limit."""

    def __init__(self, window, takeover, limit):
        self.window, self.takeover, self.limit = window, takeover, limit
        self.inflater = None

    def fresh(self):
        self.inflater = zlib.decompressobj(-self.window)

    def message(self, data):
        if self.inflater is None or not self.takeover:
            self.fresh()
        out, rest = b"", data + TAIL
        while True:
            try:
                # A limit of 0 would mean none to zlib; one byte more than permitted is enough to know.
                out += self.inflater.decompress(rest, self.limit - len(out) + 1)
            except zlib.error:
                raise Refused("invalid-data")
            if len(out) > self.limit:
                raise Refused("too-large")
            if self.inflater.eof:
                # A final block. What follows in the message is a stream of its own.
                rest = self.inflater.unused_data
                self.fresh()
                if rest == TAIL:
                    return out
            elif self.inflater.unconsumed_tail:
                rest = self.inflater.unconsumed_tail
            elif self.is_between_blocks():
                return out
            else:
                raise Refused("truncated")

    def is_between_blocks(self):
        """Whether the next bit begins a block: then, and only then, a final stored block yields just its content."""
        content = b"between blocks"
        block = b"\x01" + struct.pack("<HH", len(content), len(content) ^ 0xFFFF) + content
        probe = self.inflater.copy()
        try:
            return probe.decompress(block) == content and probe.eof
        except zlib.error:
            return False


def deflate_decompress(asked):
    inflater = MessageInflater(asked.get("windowBits", 15), asked.get("contextTakeover", True),
                               asked.get("maxLength", MAX_MESSAGE_LENGTH))
    out = []
    for index, message in enumerate(asked["messages"]):
        try:
            out.append(inflater.message(bytes.fromhex(message)).hex())
        except Refused as fault:
            raise Refused(fault.code, index=index)
    return {"messages": out}
