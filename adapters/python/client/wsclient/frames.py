"""Frames of the current revision (clause 4), and the displacement in one (5, 14.2)."""
import struct
from typing import NamedTuple

from .errors import ProtocolError

MAX_FRAME_LENGTH = 524288  # of the field `length`: payload and 8 bytes (4.4)
DISPLACEMENT = 0x7FFFFFFF

_MAGIC = b"\xfe\xef"
_HEADER = struct.Struct("<2sIII")  # magic, length, protocolId, sn
_BEFORE_COUNTED, _COUNTED = 6, 8
_DEEPEST_GROUP = 32


class Frame(NamedTuple):
    protocol_id: int
    sn: int  # 0 of a one-way message
    payload: bytes

    def encode(self, max_frame_length=MAX_FRAME_LENGTH):
        """The WebSocket message that carries this frame."""
        length = _COUNTED + len(self.payload)
        if not 0 <= self.protocol_id < 1 << 32:
            raise ProtocolError("protocol-id-out-of-range")
        if length > max_frame_length:
            raise ProtocolError("too-large")
        return _HEADER.pack(_MAGIC, length, self.protocol_id, self.sn) + self.payload

    @classmethod
    def decode(cls, message, max_frame_length=MAX_FRAME_LENGTH):
        """The frame in one whole WebSocket message; checks come in the order of the bytes."""
        if not message:
            raise ProtocolError("empty", 0)
        for place, byte in enumerate(message[:2]):
            if byte != _MAGIC[place]:
                raise ProtocolError("bad-magic", place)
        if len(message) < _BEFORE_COUNTED:
            raise ProtocolError("short", len(message))
        length = int.from_bytes(message[2:6], "little")
        if length < _COUNTED:
            raise ProtocolError("length-too-small", 2)
        if length > max_frame_length:
            raise ProtocolError("too-large", 2, 1009)
        end = _BEFORE_COUNTED + length
        if len(message) != end:
            raise ProtocolError("short", len(message)) if len(message) < end else ProtocolError("trailing-bytes", end)
        _, _, protocol_id, sn = _HEADER.unpack_from(message)
        return cls(protocol_id, sn, bytes(message[_HEADER.size:]))


class Displacement(NamedTuple):
    """Who took the place of a connection: P_DISPLACE { bytes old_ip = 1; bytes new_ip = 2; int64 ts = 3; }."""
    old_ip: bytes = b""
    new_ip: bytes = b""
    ts: int = 0  # nanoseconds since 1970

    @classmethod
    def decode(cls, payload):
        names = {(1, 2): "old_ip", (2, 2): "new_ip", (3, 0): "ts"}
        found = {}
        for number, wire_type, value in _fields(payload):
            if (number, wire_type) in names:
                found[names[number, wire_type]] = value
        if found.get("ts", 0) >> 63:
            found["ts"] -= 1 << 64
        return cls(**found)


def _fields(data):
    """The fields of a protobuf message: number, wire type, value. What cannot be parsed is refused at the field's tag."""
    at = start = 0

    def refuse():
        raise ProtocolError("bad-protobuf", start)

    def varint():
        nonlocal at
        number = 0
        for count, byte in enumerate(data[at:at + 10]):
            number |= (byte & 0x7F) << 7 * count
            if byte < 0x80:
                if number >> 64:
                    refuse()
                at += count + 1
                return number
        return refuse()

    def take(size):
        nonlocal at
        if size > len(data) - at:
            refuse()
        at += size
        return data[at - size:at]

    def tag():
        nonlocal start
        start = at
        number = varint()
        if number >> 32 or number >> 3 == 0:
            refuse()
        return number >> 3, number & 7

    def value(number, wire_type, depth):
        if wire_type == 0:
            return varint()
        if wire_type in (1, 5):
            return take(8 if wire_type == 1 else 4)
        if wire_type == 2:
            return take(varint())
        return group(number, depth + 1) if wire_type == 3 else refuse()

    def group(number, depth):
        nonlocal start
        begin = start
        if depth > _DEEPEST_GROUP:
            refuse()
        while at < len(data):
            inner, wire_type = tag()
            if wire_type == 4:
                return None if inner == number else refuse()
            value(inner, wire_type, depth)
        start = begin  # the group has no end
        return refuse()

    while at < len(data):
        number, wire_type = tag()
        yield number, wire_type, value(number, wire_type, 0)
