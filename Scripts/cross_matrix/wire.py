"""What crosses a connection, read beside it: the upgrade, WebSocket frames, messages, and the frames of revision 1.3.3 in them."""
import struct
import zlib
from dataclasses import dataclass

BINARY, CLOSE, PING, PONG = 2, 8, 9, 10
HEADER = struct.Struct("<2sIII")


class Broken(Exception):
    """What cannot be read as the protocol; the text says why."""


@dataclass
class Event:
    """A message or a control frame; `id` and `sn` are None where it is no frame of the protocol."""

    side: str  # who sent it: client or server
    opcode: int
    payload: bytes  # of the frame of the protocol, or of the control frame
    is_compressed: bool = False
    id: int = None
    sn: int = None

    def __str__(self):
        what = f"id {self.id} sn {self.sn}" if self.id is not None else {CLOSE: "close", PING: "ping", PONG: "pong"}.get(self.opcode, "message")
        return f"{self.side}: {what}, {len(self.payload)} bytes {self.payload[:24].hex()}"


def websocket_frame(opcode, payload):
    """An unmasked frame, as a server sends it."""
    size = len(payload)
    if size <= 125:
        return bytes([0x80 | opcode, size]) + payload
    if size <= 0xFFFF:
        return bytes([0x80 | opcode, 126]) + struct.pack(">H", size) + payload
    return bytes([0x80 | opcode, 127]) + struct.pack(">Q", size) + payload


def frame(protocol_id, sn, payload):
    return HEADER.pack(b"\xfe\xef", 8 + len(payload), protocol_id, sn) + payload


def unmasked(payload, key):
    size = len(payload)
    long_key = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(long_key, "big")).to_bytes(size, "big")


class Side:
    """One direction. `feed` gives what may go on, in whole WebSocket frames, each with the events that it completes."""

    def __init__(self, name):
        self.name, self.buffer, self.head = name, b"", None
        self.message, self.is_message_compressed = None, False
        self.inflater = zlib.decompressobj(-15)

    @property
    def is_between_messages(self):
        """Whether a message of somebody else may be put in here."""
        return self.head is not None and self.message is None

    def feed(self, data):
        self.buffer += data
        pieces = []
        if self.head is None:
            end = self.buffer.find(b"\r\n\r\n") + 4
            if end < 4:
                return []
            self.head, self.buffer = self.buffer[:end].decode("latin-1"), self.buffer[end:]
            pieces.append((self.head.encode("latin-1"), None))
        while (size := self._size()) is not None:
            raw, self.buffer = self.buffer[:size], self.buffer[size:]
            pieces.append((raw, self._event(raw)))
        return pieces

    def _size(self):
        """The size of the frame at the beginning; None when its end is not there yet."""
        data = self.buffer
        if len(data) < 2:
            return None
        short = data[1] & 127
        more = {126: 2, 127: 8}.get(short, 0)
        if len(data) < 2 + more:
            return None
        size = 2 + more + (int.from_bytes(data[2:2 + more], "big") if more else short) + (4 if data[1] >> 7 else 0)
        return size if len(data) >= size else None

    def _event(self, raw):
        fin, rsv, opcode, is_masked = raw[0] >> 7, raw[0] >> 4 & 7, raw[0] & 15, raw[1] >> 7
        if bool(is_masked) != (self.name == "client"):
            raise Broken(f"a frame of the {self.name} is {'' if is_masked else 'not '}masked")
        at = 2 + {126: 2, 127: 8}.get(raw[1] & 127, 0)
        payload = unmasked(raw[at + 4:], raw[at:at + 4]) if is_masked else raw[at:]
        if opcode >= CLOSE:
            return Event(self.name, opcode, payload)
        if (opcode == 0) != (self.message is not None):
            raise Broken(f"fragments of the {self.name} are out of order")
        if opcode:
            if opcode != BINARY:
                raise Broken(f"a message of the {self.name} has opcode {opcode}")
            self.message, self.is_message_compressed = b"", bool(rsv & 4)
        self.message += payload
        if not fin:
            return None
        whole, self.message = self.message, None
        return self._frame(self._inflated(whole) if self.is_message_compressed else whole)

    def _inflated(self, message):
        try:
            out = self.inflater.decompress(message + b"\0\0\xff\xff")
        except zlib.error as fault:
            raise Broken(f"a message of the {self.name} does not inflate: {fault}") from fault
        if self.inflater.eof:  # a final block; what it referred to ends with it
            self.inflater = zlib.decompressobj(-15)
        return out

    def _frame(self, message):
        if len(message) < HEADER.size:
            raise Broken(f"a message of the {self.name} has {len(message)} bytes")
        magic, length, protocol_id, sn = HEADER.unpack_from(message)
        payload = message[HEADER.size:]
        if magic != b"\xfe\xef" or length != 8 + len(payload):
            raise Broken(f"a message of the {self.name} begins with {message[:14].hex()} and has {len(message)} bytes")
        return Event(self.name, BINARY, payload, self.is_message_compressed, protocol_id, sn)
