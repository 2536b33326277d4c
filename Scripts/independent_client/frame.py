"""The frame of revision 1.3.3: FE EF, length, protocolId, sn, payload; all integers little-endian."""
import struct

from .faults import on

MAGIC = b"\xfe\xef"
HEADER = 14
LIMIT = 524288
DISPLACEMENT = 0x7FFFFFFF


class Malformed(Exception):
    """A message that is no frame; `code` is the close code for it."""

    def __init__(self, reason, code=1002):
        super().__init__(reason)
        self.code = code


def encode(protocol_id, sn, payload):
    length = 8 + len(payload)
    if on("length-one-more-when-empty") and not payload:
        length += 1
    magic = MAGIC[::-1] if on("magic-swapped") else MAGIC
    message = magic + struct.pack("<III", length, protocol_id, sn) + payload
    if on("padded-to-four"):
        message += bytes(-len(message) % 4)
    return message


def decode(message, limit=LIMIT):
    """protocolId, sn and payload of a message, whole or refused."""
    if len(message) < 6:
        raise Malformed(f"a message of {len(message)} bytes is no frame")
    if message[:2] != MAGIC and not on("magic-unchecked"):
        raise Malformed(f"the magic is {message[:2].hex(' ')}")
    length = int.from_bytes(message[2:6], "little")
    if on("limit-one-less"):
        limit -= 1
    if length > limit and not on("limit-not-held"):
        raise Malformed(f"length {length} is above {limit}", 1009)
    if length < 8:
        if not on("length-below-8-delivered") or len(message) < HEADER:
            raise Malformed(f"length {length} is below 8")
        length = len(message) - 6
    if len(message) == 6 and on("zero-frame-delivered"):
        return 7, 3, b""
    if len(message) < 6 + length:
        if not on("length-unchecked-when-short") or len(message) < HEADER:
            raise Malformed(f"length {length}, but {len(message) - 6} bytes follow")
    if len(message) > 6 + length and not on("trailing-delivered"):
        raise Malformed(f"{len(message) - 6 - length} bytes follow the frame")
    protocol_id, sn = struct.unpack_from("<II", message, 6)
    if on("id-16-bits"):
        protocol_id &= 0xFFFF
    if on("sn-31-bits"):
        sn &= 0x7FFFFFFF
    payload = message[HEADER:] if on("trailing-delivered") else message[HEADER:6 + length]
    return protocol_id, sn, payload


def readable_displacement(payload):
    """Whether a payload can be read as P_DISPLACE: two texts and a number, each at most once or more, in any order."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(payload) or shift > 63:
                raise ValueError
            byte = payload[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    try:
        while at < len(payload):
            tag = varint()
            kind = tag & 7
            if tag >> 3 == 0:
                return False
            if kind == 0:
                varint()
            elif kind == 2:
                size = varint()
                at += size
            elif kind in (1, 5):
                at += 8 if kind == 1 else 4
            else:
                return False
            if at > len(payload):
                return False
    except ValueError:
        return False
    return len(payload) > 0
