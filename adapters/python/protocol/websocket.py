"""WebSocket frames and messages (RFC 6455)."""
import struct

from .refusal import Refused

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
OPCODE_NAMES = {TEXT: "text", BINARY: "binary", PING: "ping", PONG: "pong"}
OPCODES = (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG)
MAX_MESSAGE_LENGTH = 524294


def close_code_may_be_sent(code):
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def is_utf8(data):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def apply_mask(payload, key):
    return bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


def ws_encode(asked):
    role, fin, rsv, opcode = asked["role"], asked["fin"], asked.get("rsv", 0), asked["opcode"]
    payload, key = bytes.fromhex(asked["payload"]), asked.get("maskingKey")
    is_control = opcode >= CLOSE
    if opcode not in OPCODES:
        raise Refused("reserved-opcode")
    compressible = asked.get("deflate", False) and opcode in (TEXT, BINARY)
    if rsv & 0b011 or rsv & 0b100 and not compressible:
        raise Refused("reserved-bits")
    if is_control and not fin:
        raise Refused("control-fragmented")
    if is_control and len(payload) > 125:
        raise Refused("control-too-long")
    if opcode == CLOSE and payload:
        if len(payload) == 1:
            raise Refused("close-length-one")
        if not close_code_may_be_sent(int.from_bytes(payload[:2], "big")):
            raise Refused("close-code")
        if not is_utf8(payload[2:]):
            raise Refused("close-utf8")
    if (key is not None) != (role == "client") or key is not None and len(key) != 8:
        raise Refused("masking-key")
    masked = 0x80 if role == "client" else 0
    out = bytearray([fin << 7 | rsv << 4 | opcode])
    if len(payload) <= 125:
        out.append(masked | len(payload))
    elif len(payload) <= 0xFFFF:
        out.append(masked | 126)
        out += struct.pack(">H", len(payload))
    else:
        out.append(masked | 127)
        out += struct.pack(">Q", len(payload))
    if key is not None:
        out += bytes.fromhex(key)
        payload = apply_mask(payload, bytes.fromhex(key))
    return {"bytes": (bytes(out) + payload).hex()}


class Violation(Exception):
    """What the peer did, where in the stream, and the code to fail the connection with."""

    def __init__(self, code, offset, close_code=1002):
        super().__init__(code)
        self.object = {"code": code, "offset": offset, "closeCode": close_code}


class Utf8Watch:
    """Follows a text from byte to byte and knows the first one that cannot go on (RFC 3629 section 4)."""

    # Lead bytes: how many bytes follow, and the bounds of the first of them.
    LEADS = [
        (0xC2, 0xDF, 1, 0x80, 0xBF), (0xE0, 0xE0, 2, 0xA0, 0xBF), (0xE1, 0xEC, 2, 0x80, 0xBF),
        (0xED, 0xED, 2, 0x80, 0x9F), (0xEE, 0xEF, 2, 0x80, 0xBF), (0xF0, 0xF0, 3, 0x90, 0xBF),
        (0xF1, 0xF3, 3, 0x80, 0xBF), (0xF4, 0xF4, 3, 0x80, 0x8F),
    ]

    def __init__(self):
        self.missing, self.low, self.high = 0, 0x80, 0xBF

    def accepts(self, byte):
        if self.missing:
            fits = self.low <= byte <= self.high
            self.missing, self.low, self.high = self.missing - 1, 0x80, 0xBF
            return fits
        if byte < 0x80:
            return True
        for first, last, more, low, high in self.LEADS:
            if first <= byte <= last:
                self.missing, self.low, self.high = more, low, high
                return True
        return False


class WebSocketDecoder:
    """Frames of a byte stream, as events; stops at the first violation (raised) and after a close frame."""

    def __init__(self, asked):
        self.data = b"".join(map(bytes.fromhex, asked["pieces"]))
        self.peer_masks = asked["role"] == "server"
        self.deflate = asked.get("deflate", False)
        self.limit = asked.get("maxMessageLength", MAX_MESSAGE_LENGTH)
        self.at, self.events, self.closed = 0, [], False
        self.message = None  # the message that is being put together

    def run(self):
        while not self.closed and self.one_frame():
            pass

    def one_frame(self):
        """Takes one frame; False when its end has not arrived."""
        data, start = self.data, self.at
        if start == len(data):
            return False
        fin, rsv, opcode = data[start] >> 7, data[start] >> 4 & 7, data[start] & 15
        self.check_first_byte(start, fin, rsv, opcode)
        if start + 1 == len(data):
            return False
        masked, length, at = data[start + 1] >> 7, data[start + 1] & 127, start + 2
        if masked and not self.peer_masks:
            raise Violation("masked-server", start + 1)
        if not masked and self.peer_masks:
            raise Violation("unmasked-client", start + 1)
        if opcode >= CLOSE and length > 125:
            raise Violation("control-too-long", start + 1)
        if length > 125:
            size = 2 if length == 126 else 8
            if at + size > len(data):
                return False
            length = int.from_bytes(data[at:at + size], "big")
            if length <= (125 if size == 2 else 0xFFFF):
                raise Violation("nonminimal-length", start + 1)
            if length >> 63:
                raise Violation("bad-length", at)
            at += size
        if opcode < CLOSE and length + self.message_length() > self.limit:
            raise Violation("message-too-large", start, 1009)
        key = bytes(4)
        if masked:
            if at + 4 > len(data):
                return False
            key, at = data[at:at + 4], at + 4
        payload = apply_mask(data[at:at + length], key)
        complete = len(payload) == length
        if opcode >= CLOSE:
            if complete:
                self.control(opcode, payload, at)
        else:
            self.fragment(fin, rsv, opcode, payload, at, complete)
        self.at = at + length
        return complete

    def check_first_byte(self, start, fin, rsv, opcode):
        is_control = opcode >= CLOSE
        if rsv & 0b011 or rsv and not self.deflate:
            raise Violation("reserved-bits", start)
        if opcode not in OPCODES:
            raise Violation("reserved-opcode", start)
        if rsv and is_control:
            raise Violation("control-compressed", start)
        if is_control and not fin:
            raise Violation("control-fragmented", start)
        if opcode == CONTINUATION and self.message is None:
            raise Violation("stray-continuation", start)
        if opcode in (TEXT, BINARY) and self.message is not None:
            raise Violation("interleaved-message", start)
        if opcode == CONTINUATION and rsv:
            raise Violation("continuation-compressed", start)

    def message_length(self):
        return len(self.message["payload"]) if self.message else 0

    def control(self, opcode, payload, at):
        if opcode != CLOSE:
            self.events.append({"type": OPCODE_NAMES[opcode], "payload": payload.hex()})
            return
        code = int.from_bytes(payload[:2], "big") if payload else None
        if len(payload) == 1:
            raise Violation("close-length-one", at)
        if code is not None and not close_code_may_be_sent(code):
            raise Violation("close-code", at)
        if not is_utf8(payload[2:]):
            raise Violation("close-utf8", at, 1007)
        self.events.append({"type": "close", "code": code, "reason": payload[2:].decode("utf-8")})
        self.closed = True

    def fragment(self, fin, rsv, opcode, payload, at, complete):
        if opcode != CONTINUATION:
            watch = Utf8Watch() if opcode == TEXT and not rsv else None
            self.message = {"opcode": opcode, "compressed": rsv != 0, "payload": b"", "fragments": 0, "watch": watch}
        message = self.message
        watch = message["watch"]
        if watch:
            for index, byte in enumerate(payload):
                if not watch.accepts(byte):
                    raise Violation("text-utf8", at + index, 1007)
            if fin and complete and watch.missing:
                raise Violation("text-utf8", at + len(payload), 1007)
        message["payload"] += payload
        message["fragments"] += 1
        if fin and complete:
            self.events.append({
                "type": "message", "opcode": OPCODE_NAMES[message["opcode"]], "payload": message["payload"].hex(),
                "compressed": message["compressed"], "fragments": message["fragments"],
            })
            self.message = None


def ws_decode(asked):
    decoder, violation = WebSocketDecoder(asked), None
    try:
        decoder.run()
    except Violation as found:
        violation = found.object
    return {"events": decoder.events, "violation": violation}
