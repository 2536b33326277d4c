"""RFC 6455 frames and messages."""
import struct

from .fault import Fault

DATA, CONTROL = {1: "text", 2: "binary"}, {8: "close", 9: "ping", 10: "pong"}
DEFAULT_LIMIT = 524294


def close_code_refused(code):
    return code < 1000 or 1004 <= code <= 1006 or 1015 <= code <= 2999 or code >= 5000


def utf8_fault(data, final):
    """The offset of the first byte that cannot continue a valid sequence; an unfinished one at the end counts if final."""
    at = 0
    while at < len(data):
        lead = data[at]
        low, high = 0x80, 0xBF
        if lead < 0x80:
            at += 1
            continue
        if 0xC2 <= lead <= 0xDF:
            more = 1
        elif 0xE0 <= lead <= 0xEF:
            more, low, high = 2, 0xA0 if lead == 0xE0 else 0x80, 0x9F if lead == 0xED else 0xBF
        elif 0xF0 <= lead <= 0xF4:
            more, low, high = 3, 0x90 if lead == 0xF0 else 0x80, 0x8F if lead == 0xF4 else 0xBF
        else:
            return at
        for step in range(1, more + 1):
            if at + step >= len(data):
                return len(data) if final else None
            if not low <= data[at + step] <= high:
                return at + step
            low, high = 0x80, 0xBF
        at += more + 1
    return None


def masked(payload, key):
    return bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


def encode(asked):
    role, fin, opcode, rsv = asked["role"], asked["fin"], asked["opcode"], asked.get("rsv", 0)
    payload = bytes.fromhex(asked["payload"])
    key = bytes.fromhex(asked["maskingKey"]) if asked.get("maskingKey") is not None else None
    control = opcode >= 8
    if opcode not in (0, *DATA, *CONTROL):
        raise Fault("reserved-opcode")
    if rsv & 3 or rsv & 4 and (not asked.get("deflate") or control or opcode == 0):
        raise Fault("reserved-bits")
    if control and not fin:
        raise Fault("control-fragmented")
    if control and len(payload) > 125:
        raise Fault("control-too-long")
    if opcode == 8 and payload:
        if len(payload) == 1:
            raise Fault("close-length-one")
        if close_code_refused(struct.unpack_from(">H", payload)[0]):
            raise Fault("close-code")
        if utf8_fault(payload[2:], True) is not None:
            raise Fault("close-utf8")
    if (role == "client") != (key is not None) or key is not None and len(key) != 4:
        raise Fault("masking-key")
    mask_bit = 0x80 if key is not None else 0
    size = len(payload)
    if size < 126:
        head = bytes([mask_bit | size])
    elif size < 65536:
        head = bytes([mask_bit | 126]) + struct.pack(">H", size)
    else:
        head = bytes([mask_bit | 127]) + struct.pack(">Q", size)
    first = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    body = key + masked(payload, key) if key is not None else payload
    return {"bytes": (first + head + body).hex()}


class Decoder:
    """Walks the whole stream; what a cut hides does not matter, because every decision is made at a fixed byte."""

    def __init__(self, asked, longer_lengths=False, large_codes=False):
        self.longer_lengths, self.large_codes = longer_lengths, large_codes
        self.data = b"".join(map(bytes.fromhex, asked["pieces"]))
        self.server = asked["role"] == "server"
        self.deflate = asked.get("deflate", False)
        self.limit = asked.get("maxMessageLength", DEFAULT_LIMIT)
        self.events = []
        self.message = None  # opcode, compressed, payload, fragments

    def violate(self, code, offset, close_code=1002):
        raise Violation({"code": code, "offset": offset, "closeCode": close_code})

    def run(self):
        at = 0
        try:
            while at is not None and at < len(self.data):
                at = self.frame(at)
        except Violation as violation:
            return {"events": self.events, "violation": violation.args[0]}
        return {"events": self.events, "violation": None}

    def frame(self, at):
        """Decodes one frame and says where the next begins: None when there is no more."""
        data, start = self.data, at
        first = data[at]
        fin, rsv, opcode = first >> 7, first >> 4 & 7, first & 15
        control = opcode >= 8
        if rsv & 3 or rsv & 4 and not self.deflate:
            self.violate("reserved-bits", start)
        if opcode not in (0, *DATA, *CONTROL):
            self.violate("reserved-opcode", start)
        if rsv and control:
            self.violate("control-compressed", start)
        if control and not fin:
            self.violate("control-fragmented", start)
        if opcode == 0 and self.message is None:
            self.violate("stray-continuation", start)
        if opcode in DATA and self.message is not None:
            self.violate("interleaved-message", start)
        if opcode == 0 and rsv:
            self.violate("continuation-compressed", start)
        if at + 1 >= len(data):
            return None
        second = data[at + 1]
        if second >> 7 and not self.server:
            self.violate("masked-server", start + 1)
        if not second >> 7 and self.server:
            self.violate("unmasked-client", start + 1)
        size, at = second & 0x7F, at + 2
        if control and size > 125:
            self.violate("control-too-long", start + 1)
        if size > 125:
            width = 2 if size == 126 else 8
            if at + width > len(data):
                return None
            size = int.from_bytes(data[at:at + width], "big")
            if size >> 63:
                self.violate("bad-length", at)
            if (size < 126 or width == 8 and size < 65536) and not self.longer_lengths:
                self.violate("nonminimal-length", start + 1)
            at += width
        if not control and size + (len(self.message[2]) if self.message else 0) > self.limit:
            self.violate("message-too-large", start, 1009)
        key = None
        if self.server:
            if at + 4 > len(data):
                return None
            key, at = data[at:at + 4], at + 4
        payload = data[at:at + size]
        payload = masked(payload, key) if key else payload
        whole = len(payload) == size
        if control:
            return self.control(opcode, payload, at, size) if whole else None
        return self.fragment(fin, rsv, opcode, payload, at, size, whole)

    def fragment(self, fin, rsv, opcode, payload, at, size, whole):
        if opcode:
            self.message = [opcode, bool(rsv), b"", 0]
        before = len(self.message[2])
        self.message[2] += payload
        self.message[3] += 1
        kind, compressed, body, fragments = self.message
        if kind == 1 and not compressed:
            fault = utf8_fault(body, bool(fin and whole))
            if fault is not None:
                self.violate("text-utf8", at + fault - before if fault >= before else at, 1007)
        if not whole:
            return None
        if fin:
            self.events.append({"type": "message", "opcode": DATA[kind], "payload": body.hex(),
                                "compressed": compressed, "fragments": fragments})
            self.message = None
        return at + size

    def control(self, opcode, payload, at, size):
        if opcode != 8:
            self.events.append({"type": CONTROL[opcode], "payload": payload.hex()})
            return at + size
        code, reason = None, ""
        if len(payload) == 1:
            self.violate("close-length-one", at)
        if payload:
            code = struct.unpack_from(">H", payload)[0]
            if close_code_refused(code) and not (self.large_codes and code >= 5000):
                self.violate("close-code", at)
            if utf8_fault(payload[2:], True) is not None:
                self.violate("close-utf8", at, 1007)
            reason = payload[2:].decode()
        self.events.append({"type": "close", "code": code, "reason": reason})
        return None


class Violation(Exception):
    """The violation as the output shows it."""


def decode(asked, **leniency):
    return Decoder(asked, **leniency).run()
