"""RFC 6455 frames: those that a client sends, and those that it takes."""
import os
import struct

from . import deflate, frame
from .faults import on
from .oddities import odd

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Violation(Exception):
    """What the server must not send; `code` is the close code for it."""

    def __init__(self, reason, code=1002):
        super().__init__(reason)
        self.code = code


def masked(payload, key):
    size = len(payload)
    mask = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")


def encode(opcode, payload, fin=True, rsv1=False, key=None):
    size = len(payload)
    if size < 126:
        head = bytes([size])
    elif size < 65536 and not (on("length-not-minimal-when-65535") and size > 32767):
        head = struct.pack(">BH", 126, size)
    else:
        head = struct.pack(">BQ", 127, size)
    first = opcode | (0x80 if fin else 0) | (0x40 if rsv1 else 0)
    if on("unmasked-when-large") and size > 60000:
        return bytes([first]) + head + payload
    key = key or (b"\x37\xfa\x21\x3d" if on("mask-key-constant") else os.urandom(4))
    return bytes([first, head[0] | 0x80]) + head[1:] + key + masked(payload, key)


class Writer:
    """What the client sends, as bytes."""

    def __init__(self, parameters):
        self.deflater, self.count, self.compresses = None, 0, parameters is not None
        if self.compresses:
            bits = int(parameters.get("client_max_window_bits") or 15)
            self.deflater = deflate.Deflater("client_no_context_takeover" not in parameters, bits)

    def message(self, payload, opcode=BINARY):
        """A whole message in one or several frames."""
        self.count += 1
        rsv1 = self.compresses and not odd("never-compresses") \
            and not (odd("compresses-every-second") and self.count % 2)
        if rsv1:
            size, payload = len(payload), self.deflater.deflate(payload)
            rsv1 = not (on("reserved-1-left-out-when-small") and size < 50)
        pieces = self._pieces(payload)
        key = os.urandom(4) if on("mask-begins-anew-when-fragmented") and len(pieces) > 1 else None
        sent, at = bytearray(), 0
        for index, piece in enumerate(pieces):
            code = opcode if index == 0 or on("fragments-all-binary-when-large") else CONTINUATION
            if odd("pings-in-messages") and index:
                sent += encode(PING, b"between")
            if key and index:
                # Wrongly goes on with the mask where the fragment before ended.
                shift = at % 4 or 1
                good = encode(code, piece, index == len(pieces) - 1, False, key)
                head = len(good) - len(piece)
                sent += good[:head] + masked(piece, key[shift:] + key[:shift])
            else:
                first = rsv1 and (index == 0 or on("reserved-1-on-fragments-when-compressed"))
                sent += encode(code, piece, index == len(pieces) - 1, first)
            at += len(piece)
        return bytes(sent)

    def _pieces(self, payload):
        large = len(payload) > 4096
        if odd("fragments-header") or odd("pings-in-messages"):
            return [b"", payload[:3], b"", payload[3:9], payload[9:], b""]
        if odd("fragments-last-empty"):
            return [payload, b""]
        if large and (odd("fragments-4096") or on("fragments-all-binary-when-large")
                      or on("mask-begins-anew-when-fragmented") or on("reserved-1-on-fragments-when-compressed")):
            return [payload[at:at + 4095] for at in range(0, len(payload), 4095)]
        return [payload]

    def control(self, opcode, payload):
        if opcode == PONG and on("pong-cut-when-over-100"):
            payload = payload[:100]
        return encode(opcode, payload, rsv1=opcode == PONG and self.compresses and on("reserved-1-on-pong-when-negotiated"))


class Reader:
    """What the server sends, as events: (opcode, payload) of messages and control frames."""

    def __init__(self, source, parameters, limit=frame.LIMIT):
        self.source, self.limit = source, limit + 6
        self.inflater = None
        if parameters is not None:
            self.inflater = deflate.Inflater("server_no_context_takeover" not in parameters)
        self.opcode, self.compressed, self.parts, self.size = None, False, [], 0

    @property
    def within_message(self):
        return self.opcode is not None

    async def next(self):
        """The next message or control frame; (None, None) where a message in several frames begins."""
        while True:
            first, second = await self.source.exactly(2)
            fin, rsv, opcode = first >= 0x80, first >> 4 & 7, first & 15
            mask, size = second >= 0x80, second & 127
            control = opcode >= 8
            self._check(fin, rsv, opcode, mask, size)
            if size == 126:
                size = int.from_bytes(await self.source.exactly(2), "big")
                if size < 126 and not on("length-not-minimal-taken"):
                    raise Violation(f"a length of {size} in the 16-bit form")
            elif size == 127:
                if on("length-64-refused"):
                    raise Violation("a length in the 64-bit form")
                size = int.from_bytes(await self.source.exactly(8), "big")
                if size >> 63:
                    if not on("length-top-bit-dropped"):
                        raise Violation("a length of 64 bits")
                    size &= (1 << 63) - 1
                if size < 65536 and not on("length-not-minimal-taken"):
                    raise Violation(f"a length of {size} in the 64-bit form")
            if not control and not on("limit-not-held") and not (on("inflated-limit-not-held") and self.inflater):
                # Stored blocks make a message longer on the wire than it is.
                slack = 65536 if self.inflater and (rsv & 4 or self.compressed) else 0
                if self.size + size > self.limit + slack:
                    raise Violation(f"a message of more than {self.limit} bytes", 1009)
            key = await self.source.exactly(4) if mask else None
            began = not control and self.opcode is None
            payload = await self.source.exactly(size)
            if key:
                payload = masked(payload, key)
            if control:
                if on("ping-drops-the-fragments") and self.within_message and opcode == PING:
                    self.parts, self.size = [], 0
                if opcode > PONG:
                    continue
                return opcode, payload
            if 2 < opcode < 8:
                continue
            if opcode == CONTINUATION and self.opcode is None:
                continue
            event = self._data(fin, rsv, opcode, payload, began)
            if event:
                return event

    def _check(self, fin, rsv, opcode, mask, size):
        control = opcode >= 8
        if mask and not on("masked-taken") and not (on("masked-taken-when-control") and control):
            raise Violation("a masked frame")
        allowed = 0
        if self.inflater and (opcode in (TEXT, BINARY) or on("reserved-1-on-control-taken") and control
                              or on("reserved-1-on-continuation-taken") and opcode == CONTINUATION):
            allowed = 4
        if rsv & ~allowed and not on("reserved-bits-ignored"):
            raise Violation(f"the reserved bits {rsv:03b}")
        if opcode not in (0, 1, 2, 8, 9, 10) and not on("reserved-opcode-ignored"):
            raise Violation(f"the opcode {opcode}")
        if control and not fin and not on("control-fragmented-taken"):
            raise Violation("a fragmented control frame")
        if control and size > 125 and not on("control-long-taken"):
            raise Violation("a long control frame")
        if opcode == CONTINUATION and self.opcode is None and not on("continuation-stray-ignored"):
            raise Violation("a continuation of nothing")
        if opcode in (TEXT, BINARY) and self.opcode is not None and not on("interleaved-joined"):
            raise Violation("a message inside of a message")

    def _data(self, fin, rsv, opcode, payload, began):
        if began:
            self.opcode, self.parts, self.size = opcode, [], 0
            self.compressed = bool(rsv & 4) and self.inflater is not None
        if self.compressed and on("inflater-per-fragment-when-fragmented") and not fin:
            payload = self.inflater.inflate(payload, self.limit)
        self.parts.append(payload)
        self.size += len(payload)
        if on("fragments-at-most-32") and len(self.parts) > 32:
            raise Violation("too many fragments")
        if not fin and not (on("fragment-empty-ends-the-message") and not payload and not began):
            return (None, None) if began else None
        data, opcode, compressed = b"".join(self.parts), self.opcode, self.compressed
        self.opcode, self.parts, self.size, self.compressed = None, [], 0, False
        if compressed:
            data = self.inflater.inflate(data, self.limit)
            if not data and on("inflated-empty-delivered"):
                return BINARY, frame.encode(20, 0, b'{"seq":0,"do":"empty"}')
        elif self.inflater and on("plain-refused-when-negotiated"):
            raise Violation("a message that is not compressed")
        return opcode, data


