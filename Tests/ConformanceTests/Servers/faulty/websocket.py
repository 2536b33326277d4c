"""WebSocket frames and messages: bytes of a client in, whole messages out, and the bytes that a server sends."""
import os
import struct

from faulty.deflate import Inflater, Violation
from faulty.faults import on

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Frame:
    def __init__(self, final, reserved, opcode, payload, key):
        self.final, self.reserved, self.opcode, self.payload, self.key = final, reserved, opcode, payload, key


def unmasked(payload, key, offset=0):
    if on("mask-tail-left") and len(payload) > 1024 and len(payload) % 4:
        whole = len(payload) // 4 * 4
        return unmasked(payload[:whole], key) + payload[whole:]
    if on("mask-key-ends-at-zero") and len(payload) > 125 and key[1] == 0:
        key = key[:1] * 4
    key = key[offset % 4:] + key[:offset % 4]
    keys = (key * (len(payload) // 4 + 1))[:len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")).to_bytes(len(payload), "big")


class Reader:
    """Cuts frames out of bytes and joins them to messages, at most `limit` bytes long, also inflated."""
    shared_inflater = None
    shared_parts = []

    def __init__(self, limit, deflate):
        self.limit, self.deflate = limit, deflate
        self.buffer = bytearray()
        self.opcode, self.parts, self.size, self.compressed = None, [], 0, False
        self.inflater = Inflater(limit, deflate) if deflate else None
        if on("inflater-shared") and deflate:
            Reader.shared_inflater = Reader.shared_inflater or self.inflater
            self.inflater = Reader.shared_inflater
        if on("parts-shared"):
            self.parts = Reader.shared_parts
        self.fragments, self.masked_before, self.first_key = 0, 0, None
        self.messages, self.skip_next = 0, False
        self.cut, self.frames = None, 0
        if on("buffer-left-to-next") and Reader.left_buffers:
            self.buffer = Reader.left_buffers.pop()
        self.left = Reader.left_parts.pop() if on("parts-left-to-next") and Reader.left_parts else []

    left_buffers, left_parts = [], []

    def recycle(self):
        """Puts what the connection has used aside for the next."""
        if self.buffer:
            Reader.left_buffers.append(self.buffer)
        if self.opcode is not None and self.parts:
            Reader.left_parts.append(self.parts)
        if self.inflater:
            Inflater.left.append(self.inflater.inflate)

    def next(self):
        """A control frame, ("message", opcode, payload), or None if more bytes are needed."""
        while (frame := self.frame()) is not None:
            if frame.opcode >= 8:
                if on("ping-drops-fragments") and self.opcode is not None:
                    self.parts.clear()
                if on("ping-ends-compression"):
                    self.compressed = False
                if on("ping-restarts-count") and frame.opcode == PING:
                    self.size = 0
                return frame
            if (message := self.message(frame)) is not None:
                return message
        return None

    def frame(self):
        data = self.buffer
        if len(data) < 2:
            return None
        final, reserved, opcode = bool(data[0] & 0x80), data[0] & 0x70, data[0] & 0x0F
        masked, length = bool(data[1] & 0x80), data[1] & 0x7F
        self.check_reserved(final, reserved, opcode)
        self.check_opcode(final, opcode)
        if opcode >= 8 and length > 125:
            tolerated = on("control-long-pong-accepted") and opcode == PONG
            tolerated = tolerated or on("control-long-close-accepted") and opcode == CLOSE
            if not (tolerated or on("control-long-ping-answered") and opcode == PING):
                raise Violation(1002)
        if not masked and not self.unmasked_accepted(opcode, length):
            raise Violation(1002)
        at = 2
        if length == 126:
            if len(data) < 4:
                if len(data) == 3 and on("extended-length-cut-refused"):
                    raise Violation(1002)
                return None
            length, at = struct.unpack_from("!H", data, 2)[0], 4
            if on("websocket-length-16-signed") and length >= 0x8000:
                raise Violation(1002)
            if length < 126 and not on("websocket-length-padded-accepted"):
                raise Violation(1002)
        elif length == 127:
            if len(data) < 10:
                if len(data) > 2 and on("extended-length-cut-refused"):
                    raise Violation(1002)
                return None
            length, at = struct.unpack_from("!Q", data, 2)[0], 10
            if on("websocket-length-top-bit-dropped"):
                length &= 0x7FFFFFFFFFFFFFFF
            if on("websocket-length-32-bits"):
                length &= 0xFFFFFFFF
            if on("websocket-length-64-refused"):
                raise Violation(1009)
            padded = on("websocket-length-padded-accepted") or on("websocket-length-top-bit-dropped")
            if length >> 63 or length < 65536 and not padded:
                raise Violation(1002)
        if opcode < 8:
            already = self.size if opcode == CONTINUATION or on("limit-counts-message-before") else 0
            already = 0 if on("limit-per-fragment") else already
            limit = self.limit
            if on("limit-plain-eightfold") and not self.deflate:
                limit *= 8
            if on("limit-64-kib-compressed") and (self.compressed or reserved & 0x40):
                limit = 65536
            if on("limit-fragmented-64-kib") and (not final or opcode == CONTINUATION):
                limit = 65536
            if already + length > limit and not on("limit-websocket-none"):
                raise Violation(1009)
        key = bytes(data[at:at + 4]) if masked else bytes(4)
        at += 4 if masked else 0
        if len(data) < at + length:
            if self.cut is None and len(data) >= at:
                self.cut = len(data) - at
            return None
        payload, cut, self.cut = bytes(data[at:at + length]), self.cut, None
        del data[:at + length]
        self.frames += 1
        if cut is not None and opcode == PING and on("ping-in-segments-unanswered"):
            return Frame(True, 0, PONG, b"", key)
        if on("mask-zero-refused") and masked and key == bytes(4):
            raise Violation(1002)
        if opcode < 8:
            if opcode != CONTINUATION:
                self.masked_before, self.first_key = 0, key
            if on("mask-of-first-fragment"):
                key = self.first_key or key
            if cut and on("mask-phase-per-read"):
                return Frame(final, reserved, opcode, unmasked(payload[:cut], key) + unmasked(payload[cut:], key), key)
            payload, before = unmasked(payload, key, self.masked_before), self.masked_before
            self.masked_before = before + length if on("mask-runs-on") else 0
        else:
            payload = unmasked(payload, key)
        return Frame(final, reserved, opcode, payload, key)

    def check_reserved(self, final, reserved, opcode):
        if not reserved:
            return
        if reserved == 0x40 and self.deflate and opcode in (TEXT, BINARY):
            return
        tolerated = on("reserved-on-continuation") and opcode == CONTINUATION
        tolerated = tolerated or on("reserved-on-nonfinal") and not final
        tolerated = tolerated or on("reserved-on-ping") and opcode == PING
        tolerated = tolerated or on("reserved-on-pong") and opcode == PONG
        tolerated = tolerated or on("reserved-on-close") and opcode == CLOSE
        tolerated = tolerated or on("reserved-2-with-deflate") and self.deflate and reserved & 0x20
        tolerated = tolerated or on("reserved-3-ignored") and reserved == 0x10
        tolerated = tolerated or on("reserved-with-compressed") and self.deflate and reserved & 0x40 and opcode == BINARY
        tolerated = tolerated or on("reserved-on-text") and opcode == TEXT
        tolerated = tolerated or on("reserved-unchecked-behind-first") and self.frames > 0
        tolerated = tolerated or on("reserved-1-without-deflate") and reserved == 0x40 and not self.deflate
        if not tolerated:
            raise Violation(1002)

    def check_opcode(self, final, opcode):
        if 3 <= opcode <= 7:
            if on("opcode-reserved-nonfinal-accepted") and not final:
                return
            if on("opcode-reserved-between-fragments") and self.opcode is not None:
                return
            if on("opcode-7-as-binary") and opcode == 7:
                return
            raise Violation(1002)
        if opcode > PONG and not (on("opcode-control-ignored") or on("opcode-control-nonfinal-ignored") and not final):
            raise Violation(1002)
        if opcode >= 8 and not final:
            tolerated = on("control-fragmented-ping-answered") and opcode == PING
            tolerated = tolerated or on("control-fragmented-pong-ignored") and opcode == PONG
            tolerated = tolerated or on("control-fragmented-close-answered") and opcode == CLOSE
            if not tolerated and not on("opcode-control-nonfinal-ignored"):
                raise Violation(1002)

    def unmasked_accepted(self, opcode, length):
        if on("unmasked-control-accepted") and opcode in (PING, PONG):
            return True
        if on("unmasked-close-answered") and opcode == CLOSE:
            return True
        if on("unmasked-empty-accepted") and length == 0:
            return True
        if on("unmasked-accepted-behind-first") and self.frames > 0:
            return True
        return on("unmasked-continuation-accepted") and opcode == CONTINUATION

    def message(self, frame):
        if 3 <= frame.opcode <= 7:
            if on("opcode-reserved-between-fragments") and self.opcode is not None:
                return None
            frame.opcode = BINARY
        if frame.opcode == CONTINUATION:
            if self.opcode is None:
                if on("continuation-stray-ignored"):
                    return None
                if on("continuation-stray-as-message"):
                    return ("message", BINARY, frame.payload)
                raise Violation(1002)
        else:
            if self.opcode is not None:
                if on("interleaved-restarts"):
                    self.parts.clear()
                else:
                    raise Violation(1002)
            sticky = on("compressed-sticks-when-fragmented") and self.compressed and not frame.final
            self.opcode, self.compressed = frame.opcode, bool(frame.reserved & 0x40 or sticky) and self.deflate is not None
            self.fragments, self.size = 0, 0
            if on("compressed-lost-with-empty-first") and not frame.final and not frame.payload:
                self.compressed = False
            if not on("parts-shared"):
                self.parts = [] if frame.final else self.left
                self.left = []
        if on("fragment-empty-first-forgotten") and not frame.final and not frame.payload and self.fragments == 0:
            self.opcode = None
            return None
        self.fragments += 1
        if on("fragments-of-limit-refused") and self.fragments > 2 and self.size + len(frame.payload) >= 524288 + 6:
            raise Violation(1009)
        self.size += len(frame.payload)
        self.parts.append(frame.payload)
        final = frame.final or on("fragment-empty-ends") and not frame.payload and frame.opcode == CONTINUATION
        if on("fragments-at-most-64") and self.fragments > 64:
            raise Violation(1008)
        if on("fragments-compressed-at-most-16") and self.compressed and self.fragments > 16:
            raise Violation(1009)
        if on("fragments-8-bits") and self.fragments == 256:
            self.parts.clear()
        if not final:
            return None
        opcode, self.opcode = self.opcode, None
        data = b"".join(self.parts)
        if on("fragment-last-empty-lost") and self.fragments > 1 and not frame.payload:
            data = b""
        if on("fragmented-cut-64-kib") and self.fragments > 1:
            data = data[:65536]
        if on("fragmented-compressed-first-only") and self.fragments > 1 and self.compressed:
            data = self.parts[0]
        self.parts.clear() if on("parts-shared") else None
        self.messages += 1
        return self.inflated(opcode, data)

    def inflated(self, opcode, data):
        if self.inflater is None:
            return ("message", opcode, data)
        if not self.compressed:
            if on("uncompressed-inflated"):
                data = self.inflater.message(data)
            if on("uncompressed-refused"):
                raise Violation(1002)
            if on("uncompressed-large-refused") and len(data) > 4096:
                raise Violation(1002)
            if on("uncompressed-resets-context"):
                self.inflater.restart()
            if on("uncompressed-fragmented-refused") and self.fragments > 1:
                raise Violation(1002)
            return ("message", opcode, data)
        if on("short-judged-compressed") and len(data) < 14:
            raise Violation(1002)
        if on("text-context-lost") and opcode == TEXT:
            return ("message", opcode, data)
        if on("compressed-ping-between-breaks") and self.fragments > 1 and self.size > 4096:
            raise Violation(1007)
        return ("message", opcode, self.inflater.message(data))


def header(final, reserved, opcode, length):
    first = (0x80 if final else 0) | reserved | opcode
    if on("send-126-short") and length == 126:
        return bytes([first, 125])
    if on("send-65536-wraps") and length == 65536:
        return struct.pack("!BBH", first, 126, 0)
    if on("send-65535-long") and length == 65535:
        return struct.pack("!BBQ", first, 127, length)
    if on("send-above-32767-long") and 32767 < length < 65536:
        return struct.pack("!BBQ", first, 127, length)
    if on("send-close-long") and opcode == CLOSE:
        return struct.pack("!BBH", first, 126, length)
    if length < 126:
        return bytes([first, length])
    if length < 65536:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)


def frame(opcode, payload, final=True, reserved=0):
    if on("send-pong-masked") and opcode == PONG:
        key = os.urandom(4)
        return bytes([0x80 | opcode, 0x80 | len(payload)]) + key + unmasked(payload, key)
    if on("send-control-fragmented") and opcode == PONG and payload:
        return header(False, 0, opcode, len(payload)) + payload + header(True, 0, 0, 0)
    return header(final, reserved, opcode, len(payload)) + payload


def pieces(payload, compressed):
    """A message as the frames that are sent for it."""
    reserved = 0x40 if compressed else 0
    faulty = on("send-fragments-opcode-repeated") or on("send-fragments-bit-repeated") or on("send-fragments-unfinished")
    if faulty and len(payload) > 8192:
        parts = [payload[at:at + 4096] for at in range(0, len(payload), 4096)]
        frames = []
        for index, part in enumerate(parts):
            opcode = BINARY if index == 0 else CONTINUATION
            if on("send-fragments-opcode-repeated"):
                opcode = BINARY
            bit = reserved if index == 0 or on("send-fragments-bit-repeated") else 0
            frames.append(frame(opcode, part, index == len(parts) - 1, bit))
        if on("send-fragments-unfinished"):
            frames[-1] = frame(CONTINUATION, parts[-1], False)
        return frames
    return [frame(BINARY, payload, True, reserved)]
