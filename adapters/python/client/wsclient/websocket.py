"""RFC 6455 as a client needs it, without I/O: frames out, and what has arrived put together to messages (clause 11)."""
import os
import struct
from typing import NamedTuple

from .errors import ProtocolError

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_OPCODES = (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG)


class Event(NamedTuple):
    """A message or a control frame."""
    opcode: int
    payload: bytes
    fragments: int = 1
    compressed: bool = False

    @property
    def close_code(self):
        return int.from_bytes(self.payload[:2], "big") if self.payload else None


def may_be_sent(close_code):
    return 1000 <= close_code <= 1003 or 1007 <= close_code <= 1014 or 3000 <= close_code <= 4999


def mask(payload, key):
    """Applies a masking key, in one go: an integer has no size limit here."""
    size = len(payload)
    stream = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(stream, "little")).to_bytes(size, "little")


def encode(opcode, payload, compressed=False, key=None):
    """One masked frame."""
    key = os.urandom(4) if key is None else key
    head = bytearray([0x80 | (0x40 if compressed else 0) | opcode])
    if len(payload) <= 125:
        head.append(0x80 | len(payload))
    elif len(payload) <= 0xFFFF:
        head += struct.pack(">BH", 0x80 | 126, len(payload))
    else:
        head += struct.pack(">BQ", 0x80 | 127, len(payload))
    return bytes(head) + key + mask(payload, key)


class Decoder:
    """Takes the bytes of a server as they come. Raises ProtocolError at the first violation, with its place in the stream."""

    def __init__(self, max_message_length, deflate=False):
        self._limit, self._deflate = max_message_length, deflate
        self._buffer, self._passed = bytearray(), 0  # bytes that wait, and how many came before them
        self._message = None  # opcode, compressed, parts
        self._size = 0
        self._utf8 = None
        self._examined = 0  # bytes of the frame in the buffer that were looked at for UTF-8
        self.closed = False

    def feed(self, data):
        """The events that this completes. After a close frame nothing more is decoded."""
        self._buffer += data
        while not self.closed:
            event = self._frame()
            if event is None:
                return
            if event is not _PART:
                yield event

    def _frame(self):
        buffer, start = self._buffer, self._passed
        if not buffer:
            return None
        opcode, rsv, fin = buffer[0] & 15, buffer[0] >> 4 & 7, buffer[0] >> 7
        self._check_first_byte(start, opcode, rsv, fin)
        if len(buffer) < 2:
            return None
        if buffer[1] >= 0x80:
            raise ProtocolError("masked-server", start + 1)
        length, head = buffer[1], 2
        if opcode >= CLOSE and length > 125:
            raise ProtocolError("control-too-long", start + 1)
        if length > 125:
            head = 4 if length == 126 else 10
            if len(buffer) < head:
                return None
            length = int.from_bytes(buffer[2:head], "big")
            if length <= (125 if head == 4 else 0xFFFF):
                raise ProtocolError("nonminimal-length", start + 1)
            if length >> 63:
                raise ProtocolError("bad-length", start + 2)
        if opcode < CLOSE and self._size + length > self._limit:
            raise ProtocolError("message-too-large", start, 1009)
        whole = len(buffer) >= head + length
        if opcode < CLOSE and (opcode == TEXT or self._message and self._message[0] == TEXT):
            self._examine(opcode, rsv, fin and whole, bytes(buffer[head:head + length]), start + head)
        if not whole:
            return None
        payload = bytes(buffer[head:head + length])
        del buffer[:head + length]
        self._passed += head + length
        self._examined = 0
        return self._control(opcode, payload, start + head) if opcode >= CLOSE else self._fragment(opcode, rsv, fin, payload)

    def _check_first_byte(self, start, opcode, rsv, fin):
        control = opcode >= CLOSE
        faults = (
            (rsv & 3 or rsv and not self._deflate, "reserved-bits"), (opcode not in _OPCODES, "reserved-opcode"),
            (rsv and control, "control-compressed"), (control and not fin, "control-fragmented"),
            (opcode == CONTINUATION and self._message is None, "stray-continuation"),
            (opcode in (TEXT, BINARY) and self._message is not None, "interleaved-message"),
            (opcode == CONTINUATION and rsv, "continuation-compressed"),
        )
        for is_fault, code in faults:
            if is_fault:
                raise ProtocolError(code, start)

    def _examine(self, opcode, rsv, final, payload, at):
        """Text is refused at the first byte that cannot go on, also before its frame is whole."""
        if opcode == TEXT and self._examined == 0:
            self._utf8 = None if rsv else bytearray()
        if self._utf8 is None:
            return
        carried = len(self._utf8)  # bytes of a character that an earlier part began
        self._utf8 += payload[self._examined:]
        try:
            self._utf8.decode("utf-8")
            rest = b""
        except UnicodeDecodeError as fault:
            rest = bytes(self._utf8[fault.start:])
            # Unfinished is all that a character may be before the message ends.
            valid = {"unexpected end of data": len(rest), "invalid start byte": 0}.get(fault.reason, fault.end - fault.start)
            if fault.reason != "unexpected end of data" or final:
                raise ProtocolError("text-utf8", at + self._examined - carried + fault.start + valid, 1007) from None
        self._examined = len(payload)
        self._utf8 = bytearray(rest)

    def _control(self, opcode, payload, at):
        if opcode == CLOSE:
            if len(payload) == 1:
                raise ProtocolError("close-length-one", at)
            if payload and not may_be_sent(int.from_bytes(payload[:2], "big")):
                raise ProtocolError("close-code", at)
            try:
                payload[2:].decode("utf-8")
            except UnicodeDecodeError:
                raise ProtocolError("close-utf8", at, 1007) from None
            self.closed = True
        return Event(opcode, payload)

    def _fragment(self, opcode, rsv, fin, payload):
        if opcode != CONTINUATION:
            self._message = (opcode, rsv != 0, [])
        opcode, compressed, parts = self._message
        parts.append(payload)
        self._size += len(payload)
        if not fin:
            return _PART
        self._message, self._size = None, 0
        return Event(opcode, b"".join(parts), len(parts), compressed)


_PART = Event(CONTINUATION, b"")  # a frame that completes nothing
