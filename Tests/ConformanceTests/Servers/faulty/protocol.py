"""The frame of this protocol and the message of a displacement, as a server reads and writes them."""
import struct

from faulty.faults import on

MAGIC = b"\xfe\xef"
LIMIT = 524288
DISPLACEMENT = 0x7FFFFFFF


class Malformed(Exception):
    def __init__(self, code=1002):
        self.code = code


def decoded(message):
    """(protocolId, sn, payload) of one WebSocket message."""
    if on("trailing-starts-next"):
        message, decoded.left = decoded.left + message, b""
    if on("leading-zeros-skipped"):
        message = message.lstrip(b"\x00")
    if len(message) < 14:
        raise Malformed(1002)
    if message[:2] != MAGIC and not (on("magic-second-byte-unchecked") and message[0] == 0xFE):
        raise Malformed(1002)
    length, number, sn = struct.unpack_from("<III", message, 2)
    if on("length-signed") and length >= 1 << 31:
        return number, sn, b""
    if on("length-24-bits"):
        length &= 0xFFFFFF
    limit = LIMIT
    if on("limit-exclusive"):
        limit -= 1
    if on("limit-on-payload"):
        limit += 8
    if on("limit-with-header"):
        limit -= 6
    if on("length-sum-wraps"):
        if (length + 6 & 0xFFFFFFFF) > limit + 6:
            raise Malformed(1009)
        if (length + 6 & 0xFFFFFFFF) < 14:
            return number, sn, b""
    elif length > limit:
        raise Malformed(1009)
    if length < 8:
        if on("length-below-8-as-8"):
            return number, sn, b""
        raise Malformed(1002)
    if len(message) > 6 + length:
        if on("trailing-starts-next"):
            decoded.left = message[6 + length:]
        elif on("trailing-one-byte-accepted") and len(message) == 7 + length:
            return number, sn, message[14:]
        elif not on("trailing-cut-off"):
            raise Malformed(1002)
    if len(message) < 6 + length:
        if not (on("length-one-short-accepted") and len(message) == 5 + length):
            raise Malformed(1002)
    if on("id-31-bits"):
        number &= 0x7FFFFFFF
    if on("id-8-bits"):
        number &= 0xFF
    if on("id-high-refused") and number >= 1 << 31:
        raise Malformed(1002)
    if on("sn-high-refused") and sn >= 1 << 31:
        raise Malformed(1002)
    payload = message[14:6 + length]
    if on("payload-cut-at-nul"):
        payload = payload.split(b"\0")[0]
    if on("payload-trimmed"):
        payload = payload.strip()
    if on("payload-as-utf-8"):
        payload = payload.decode("utf-8", "replace").encode()
    if on("payload-line-ends"):
        payload = payload.replace(b"\r\n", b"\n")
    if on("payload-resynchronised") and MAGIC in payload:
        payload = payload[:payload.index(MAGIC)]
    if on("payload-byte-order-mark") and payload.startswith(b"\xef\xbb\xbf"):
        payload = payload[3:]
    if on("payload-last-nul-dropped") and payload.endswith(b"\0"):
        payload = payload[:-1]
    return number, sn, payload


decoded.left = b""


def encoded(number, sn, payload):
    length = 8 + len(payload)
    if on("send-sn-31-bits"):
        sn &= 0x7FFFFFFF
    if on("send-sn-16-bits"):
        sn &= 0xFFFF
    if on("send-sn-as-float"):
        sn = int(struct.unpack("<f", struct.pack("<f", float(sn)))[0]) & 0xFFFFFFFF
    if on("send-length-16-bits"):
        length &= 0xFFFF
    if on("send-length-in-characters"):
        length = 8 + len(payload.decode("utf-8", "replace"))
    if on("send-length-padded") and len(payload) % 4:
        payload += bytes(-len(payload) % 4)
    if on("send-multiple-of-4096-cut") and len(payload) and len(payload) % 4096 == 0:
        payload, length = payload[:-1], length - 1
    if on("send-magic-of-1.2-when-empty") and not payload:
        return b"\xfe\xee" + struct.pack("<III", length, number, sn)
    return MAGIC + struct.pack("<III", length, number, sn) + payload


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def displacement(old, new, nanoseconds):
    if on("displacement-milliseconds"):
        nanoseconds //= 1_000_000
    if on("displacement-seconds"):
        nanoseconds //= 1_000_000_000
    if on("displacement-time-32-bits"):
        nanoseconds &= 0xFFFFFFFF
    if on("displacement-time-missing"):
        nanoseconds = 0
    old, new = old.encode(), new.encode()
    if on("displacement-new-address-of-old"):
        new = old
    if on("displacement-without-ports"):
        old, new = old.rsplit(b":", 1)[0], new.rsplit(b":", 1)[0]
    if on("displacement-addresses-cut"):
        old, new = old[:12], new[:12]
    body = b"\x0a" + varint(len(old)) + old + b"\x12" + varint(len(new)) + new
    if on("displacement-empty-payload"):
        return b""
    return body + (b"\x18" + varint(nanoseconds) if nanoseconds else b"")
