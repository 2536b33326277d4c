#!/usr/bin/env python3
"""An adapter for `wireproof verify`: the ws protocol in plain Python, complete, and an example to copy.

    wireproof verify --iut "python3 adapters/python/adapter.py"

An adapter reads one JSON object a line on standard input and writes one a line on standard output; what each operation
takes and gives is in docs/operations.md. To write one for your implementation, keep the part at the end of this file
(answer, serve) and let the functions in OPERATIONS call your code; leave out of OPERATIONS what it cannot do.

Python 3.8 or later, standard library only, no other files.
"""
import base64
import binascii
import hashlib
import json
import re
import struct
import sys
import traceback
import zlib

NAME = "wireproof's Python example"
VERSION = "1"
CAPABILITIES = [
    "charset-text", "close-wait", "deadlines", "frame-stream", "header-limit", "integer-clamp", "legacy-limit",
    "negotiation", "negotiation-subprotocol", "origin-list", "protobuf-depth", "send-limit", "sn-wrap",
]


class Refused(Exception):
    """The input, or what is asked for, breaks the specification: an error code, and where."""

    def __init__(self, code, offset=None, index=None):
        super().__init__(code)
        self.code, self.offset, self.index = code, offset, index


# ----------------------------------------------------------------------------------------------------- protobuf

DEEPEST_GROUP = 32


def put_varint(number):
    """A varint; a negative number is its 64-bit two's complement, ten bytes."""
    number &= 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def signed(number, bits):
    """The low bits of a number as two's complement."""
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


class ProtobufReader:
    """Walks the fields of a message. A field that cannot be parsed is refused at the offset of its tag."""

    def __init__(self, data, base=0):
        self.data, self.base, self.at, self.field_start = data, base, 0, 0

    def refuse(self):
        raise Refused("bad-protobuf", self.base + self.field_start)

    def varint(self):
        number = 0
        for count in range(10):
            if self.at == len(self.data):
                self.refuse()
            byte = self.data[self.at]
            self.at += 1
            if count == 9 and byte > 1:
                self.refuse()
            number |= (byte & 0x7F) << 7 * count
            if byte < 0x80:
                return number
        self.refuse()

    def take(self, size):
        if size > len(self.data) - self.at:
            self.refuse()
        self.at += size
        return self.data[self.at - size:self.at]

    def tag(self):
        self.field_start = self.at
        tag = self.varint()
        if tag > 0xFFFFFFFF or tag >> 3 == 0:
            self.refuse()
        return tag >> 3, tag & 7

    def value(self, number, wire_type, depth):
        if wire_type == 0:
            return self.varint()
        if wire_type == 1:
            return self.take(8)
        if wire_type == 2:
            return self.take(self.varint())
        if wire_type == 3:
            return self.skip_group(number, depth + 1)
        if wire_type == 5:
            return self.take(4)
        self.refuse()  # 4 ends a group that never began; 6 and 7 do not exist

    def skip_group(self, number, depth):
        start = self.field_start
        if depth > DEEPEST_GROUP:
            self.refuse()
        while self.at < len(self.data):
            inner, wire_type = self.tag()
            if wire_type == 4:
                if inner != number:
                    self.refuse()
                return None
            self.value(inner, wire_type, depth)
        self.field_start = start  # the group has no end
        self.refuse()

    def fields(self):
        while self.at < len(self.data):
            number, wire_type = self.tag()
            yield number, wire_type, self.value(number, wire_type, 0)


def put_bytes_field(number, value):
    return bytes([number << 3 | 2]) + put_varint(len(value)) + value if value else b""


def put_integer_field(number, value):
    return bytes([number << 3]) + put_varint(value) if value else b""


def put_message(protocol_id, payload):
    """P_MESSAGE { int32 protocol_id = 1; bytes data = 2; }"""
    return put_integer_field(1, protocol_id) + put_bytes_field(2, payload)


def get_message(data, base):
    protocol_id, payload = 0, b""
    for number, wire_type, value in ProtobufReader(data, base).fields():
        if (number, wire_type) == (1, 0):
            protocol_id = signed(value, 32)
        elif (number, wire_type) == (2, 2):
            payload = value
    return protocol_id, payload


def put_displacement(old_ip, new_ip, timestamp):
    """P_DISPLACE { bytes old_ip = 1; bytes new_ip = 2; int64 ts = 3; }"""
    return put_bytes_field(1, old_ip) + put_bytes_field(2, new_ip) + put_integer_field(3, timestamp)


def get_displacement(data):
    old_ip, new_ip, timestamp = b"", b"", 0
    for number, wire_type, value in ProtobufReader(data).fields():
        if (number, wire_type) == (1, 2):
            old_ip = value
        elif (number, wire_type) == (2, 2):
            new_ip = value
        elif (number, wire_type) == (3, 0):
            timestamp = signed(value, 64)
    return old_ip, new_ip, timestamp


def displacement_encode(asked):
    payload = put_displacement(bytes.fromhex(asked["oldIp"]), bytes.fromhex(asked["newIp"]), int(asked["ts"]))
    return {"payload": payload.hex()}


def displacement_decode(asked):
    old_ip, new_ip, timestamp = get_displacement(bytes.fromhex(asked["payload"]))
    return {"oldIp": old_ip.hex(), "newIp": new_ip.hex(), "ts": str(timestamp)}


# ------------------------------------------------------------------------------------------------------- frames

MAGIC = {"1.2": b"\xfe\xee", "1.3.0": b"\xfe\xee", "1.3.3": b"\xfe\xef"}
LEAST_LENGTH = {"1.2": 0, "1.3.0": 4, "1.3.3": 8}
MAX_FRAME_LENGTH = 524288
HEAD = 6  # magic and length


def check_magic(data, revision, base=0):
    """Compares the magic bytes that are there."""
    for position, byte in enumerate(data[:2]):
        if byte != MAGIC[revision][position]:
            raise Refused("bad-magic", base + position)


def read_length(data, revision, limit, base=0):
    length, = struct.unpack_from("<I", data, 2)
    if length < LEAST_LENGTH[revision]:
        raise Refused("length-too-small", base + 2)
    if length > limit:
        raise Refused("too-large", base + 2)
    return length


def frame_object(body, revision, base):
    """What `length` counts, taken apart."""
    sn = None
    if revision in ("1.1", "1.2"):
        protocol_id, payload = get_message(body, base)
    elif revision == "1.3.0":
        (protocol_id,), payload = struct.unpack_from("<I", body), body[4:]
    else:
        (protocol_id, sn), payload = struct.unpack_from("<II", body), body[8:]
    length = None if revision == "1.1" else len(body)
    return {"protocolId": protocol_id, "sn": sn, "length": length, "payload": payload.hex()}


def frame_encode(asked):
    revision, protocol_id, sn = asked["revision"], asked["protocolId"], asked.get("sn") or 0
    payload = bytes.fromhex(asked["payload"])
    is_signed = revision in ("1.1", "1.2")
    if not (-2**31 <= protocol_id < 2**31 if is_signed else 0 <= protocol_id < 2**32):
        raise Refused("protocol-id-out-of-range")
    if sn != 0 and revision != "1.3.3":
        raise Refused("sn-unsupported")
    if is_signed:
        body = put_message(protocol_id, payload)
    elif revision == "1.3.0":
        body = struct.pack("<I", protocol_id) + payload
    else:
        body = struct.pack("<II", protocol_id, sn) + payload
    if len(body) > asked.get("maxFrameLength", MAX_FRAME_LENGTH):
        raise Refused("too-large")
    head = b"" if revision == "1.1" else MAGIC[revision] + struct.pack("<I", len(body))
    return {"message": (head + body).hex()}


def frame_decode(asked):
    """One whole WebSocket message."""
    revision, message = asked["revision"], bytes.fromhex(asked["message"])
    limit = asked.get("maxFrameLength", MAX_FRAME_LENGTH)
    if not message:
        raise Refused("empty", 0)
    if revision == "1.1":
        if len(message) > limit:
            raise Refused("too-large", 0)
        return frame_object(message, revision, 0)
    check_magic(message, revision)
    if len(message) < HEAD:
        raise Refused("short", len(message))
    end = HEAD + read_length(message, revision, limit)
    if len(message) < end:
        raise Refused("short", len(message))
    if len(message) > end:
        raise Refused("trailing-bytes", end)
    return frame_object(message[HEAD:], revision, HEAD)


def frame_stream(asked):
    """Frames back to back. Every decision falls at a fixed byte, so the cuts between the pieces do not matter."""
    revision, limit = asked["revision"], asked.get("maxFrameLength", MAX_FRAME_LENGTH)
    stream, at, frames = b"".join(map(bytes.fromhex, asked["pieces"])), 0, []
    try:
        while at < len(stream):
            check_magic(stream[at:at + 2], revision, at)
            if len(stream) < at + HEAD:
                break
            end = at + HEAD + read_length(stream[at:at + HEAD], revision, limit, at)
            if len(stream) < end:
                break
            frames.append(frame_object(stream[at + HEAD:end], revision, at + HEAD))
            at = end
    except Refused as fault:
        return {"frames": frames, "pending": 0, "violation": {"code": fault.code, "offset": fault.offset}}
    return {"frames": frames, "pending": len(stream) - at, "violation": None}


# ---------------------------------------------------------------------------------------------------- WebSocket

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


# -------------------------------------------------------------------------------------------------- compression

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


# ---------------------------------------------------------------------------------------------------- handshake

HEAD_LIMIT = 16384
WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def text_of(data):
    return data.decode("utf-8", "replace")


def split_head(data):
    """The lines of a message head with their offsets, and its size with the empty line."""
    end = data.find(b"\r\n\r\n")
    if (len(data) if end < 0 else end + 4) > HEAD_LIMIT:
        raise Refused("headers-too-large")
    if end < 0:
        raise Refused("incomplete")
    lines, at = [], 0
    for line in data[:end].split(b"\r\n"):
        lines.append((at, line))
        at += len(line) + 2
    return lines, end + 4


class Headers:
    """Header fields; names in any case."""

    def __init__(self, lines):
        self.values = {}
        for offset, line in lines:
            name, colon, value = line.partition(b":")
            is_name = name and all(byte in TOKEN for byte in name)
            is_value = all(byte == 0x09 or 0x20 <= byte != 0x7F for byte in value)
            if not (colon and is_name and is_value):
                raise Refused("bad-header", offset)
            self.values.setdefault(name.decode("ascii").lower(), []).append(text_of(value.strip(b" \t")))

    def all(self, name):
        return self.values.get(name, [])

    def joined(self, name):
        return ", ".join(self.values[name]) if name in self.values else None

    def elements(self, name):
        """The elements of a field that is a list, over all fields of that name."""
        parts = (part.strip(" \t") for value in self.all(name) for part in value.split(","))
        return [part for part in parts if part]

    def has_token(self, name, token):
        # In any case of ASCII: text.lower() would take the Kelvin sign for a k.
        return token in (element.encode("utf-8").lower() for element in self.elements(name))


def is_http_1_1_or_later_1(version):
    return re.fullmatch(rb"HTTP/1\.[1-9]", version) is not None


def accept_value(key):
    return base64.b64encode(hashlib.sha1((key + WEBSOCKET_GUID).encode("utf-8")).digest()).decode("ascii")


def is_key(key):
    try:
        raw = base64.b64decode(key.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == 16 and base64.b64encode(raw).decode("ascii") == key


def split_target(target):
    """The host that a target in absolute form names (else None), the path and the query."""
    match = re.match(rb"(?:https?|wss?)://([^/?]*)", target, re.IGNORECASE)
    if match is None:
        path, _, query = target.partition(b"?")
        return None, path, query
    host = match.group(1)
    if not host or host[:1] == b":" or b"@" in host:
        raise Refused("bad-request-line")
    path, _, query = target[match.end():].partition(b"?")
    return text_of(host), path or b"/", query


def refuse_content(lines, headers):
    """An upgrade request has no content. What a server does not read as content it would read as frames."""
    def fault(code, name):
        at = [offset for offset, line in lines if line.partition(b":")[0].lower() == name.encode("ascii")]
        raise Refused(code, at[-1])
    if headers.all("transfer-encoding"):
        codings = [coding.lower() for coding in headers.elements("transfer-encoding")]
        is_certain = codings.count("chunked") == 1 and codings[-1] == "chunked"
        fault("has-content" if is_certain else "bad-framing", "transfer-encoding")
    lengths = {length.strip(" \t") for value in headers.all("content-length") for length in value.split(",")}
    if len(lengths) > 1 or any(re.fullmatch("[0-9]+", length) is None for length in lengths):
        fault("bad-framing", "content-length")
    if any(length.strip("0") for length in lengths):
        fault("has-content", "content-length")


def parse_request(data):
    lines, consumed = split_head(data)
    words = lines[0][1].split(b" ")
    if (len(words) != 3 or not all(words) or any(byte not in TOKEN for byte in words[0])
            or any(not 0x20 < byte != 0x7F for byte in words[1]) or not words[2].startswith(b"HTTP/")
            or any(not 0x20 < byte != 0x7F for byte in words[2])):
        raise Refused("bad-request-line")
    method, target, version = words
    host, path, query = split_target(target)
    if not is_http_1_1_or_later_1(version):
        raise Refused("bad-http-version")
    headers = Headers(lines[1:])
    if method != b"GET":
        raise Refused("not-get")
    if not headers.all("host"):
        raise Refused("missing-host")
    if not headers.has_token("upgrade", b"websocket"):
        raise Refused("missing-upgrade")
    if not headers.has_token("connection", b"upgrade"):
        raise Refused("missing-connection")
    if not headers.all("sec-websocket-version"):
        raise Refused("missing-version")
    if headers.all("sec-websocket-version") != ["13"]:
        raise Refused("unsupported-version")
    keys = headers.all("sec-websocket-key")
    if not keys:
        raise Refused("missing-key")
    if len(keys) > 1 or not is_key(keys[0]):
        raise Refused("bad-key")
    refuse_content(lines[1:], headers)
    return {
        "path": text_of(path), "query": query.hex(), "host": host or headers.joined("host"),
        "origin": headers.joined("origin"), "key": keys[0], "extensions": headers.joined("sec-websocket-extensions"),
        "protocols": headers.elements("sec-websocket-protocol"), "consumed": consumed,
    }


def parse_response(data, asked):
    """The answer; those of the class 1xx that come before it are read over."""
    before = 0
    while True:
        try:
            lines, size = split_head(data[before:])
            version, _, rest = lines[0][1].partition(b" ")
            status = rest.split(b" ")[0]
            if not is_http_1_1_or_later_1(version) or not re.fullmatch(rb"[0-9]{3}", status):
                raise Refused("bad-status-line")
            headers = Headers(lines[1:])
        except Refused as fault:
            if fault.offset is not None:
                fault.offset += before
            raise
        before += size
        if status == b"101" or not status.startswith(b"1"):
            return judge_response(status, headers, before, asked)


def judge_response(status, headers, consumed, asked):
    if status != b"101":
        raise Refused("refused")
    if not headers.has_token("upgrade", b"websocket"):
        raise Refused("missing-upgrade")
    if not headers.has_token("connection", b"upgrade"):
        raise Refused("missing-connection")
    if not headers.all("sec-websocket-accept"):
        raise Refused("missing-accept")
    if headers.all("sec-websocket-accept") != [accept_value(asked["key"])]:
        raise Refused("wrong-accept")
    extensions = headers.joined("sec-websocket-extensions")
    if extensions is not None:
        try:
            check_answer(asked.get("offeredExtensions") or "", extensions)
        except Refused as fault:
            raise Refused("unoffered-extension" if fault.code == "unoffered-extension" else "bad-extension")
    protocols = headers.all("sec-websocket-protocol")
    if len(protocols) > 1 or protocols and protocols[0] not in (asked.get("offeredProtocols") or []):
        raise Refused("unoffered-protocol")
    return {
        "status": 101, "extensions": extensions, "protocol": protocols[0] if protocols else None, "consumed": consumed,
    }


def handshake_parse(asked):
    data = b"".join(map(bytes.fromhex, asked["pieces"]))
    return parse_request(data) if asked["side"] == "server" else parse_response(data, asked)


VERSION_13 = {"sec-websocket-version": "13", "upgrade": "websocket"}
REFUSALS = {  # what is not here is a 400
    "not-get": (405, {"allow": "GET"}), "bad-http-version": (505, {}), "headers-too-large": (431, {}),
    "unsupported-version": (426, VERSION_13), "missing-version": (426, VERSION_13), "unknown-path": (404, {}),
    "forbidden-origin": (403, {}), "version-too-low": (426, {"upgrade": "websocket"}),
    "charset-unsupported": (406, {}), "no-protocol": (406, {}),
}


def accept_request(request, config):
    """The headers of the 101."""
    if "path" in config and request["path"] != config["path"]:
        raise Refused("unknown-path")
    if "origins" in config and request["origin"] is not None and request["origin"] not in config["origins"]:
        raise Refused("forbidden-origin")
    headers = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": accept_value(request["key"])}
    if request["extensions"] is not None:
        response = answer_offers(request["extensions"], {})
        if response is not None and config.get("compression", False):
            headers["sec-websocket-extensions"] = response
    versions, charsets = config.get("versions"), config.get("charsets")
    offered = ", ".join(request["protocols"]) or None
    selected = select(bytes.fromhex(request["query"]), offered, versions, charsets)
    if selected["protocol"] is not None:
        headers["sec-websocket-protocol"] = selected["protocol"]
    if versions is not None or charsets is not None:
        headers["x-ws-version"] = str(selected["version"])
        headers["x-ws-charset"] = str(selected["charset"])
    return headers


def handshake_respond(asked):
    try:
        data = bytes.fromhex(asked["request"])
        request = parse_request(data)
        headers = Headers(split_head(data)[0][1:])
        answer = {"status": 101, "headers": accept_request(request, asked.get("config", {})), "reject": None}
        return {**answer, "interim": [100]} if headers.has_token("expect", b"100-continue") else answer
    except Refused as fault:
        status, headers = REFUSALS.get(fault.code, (400, {}))
        return {"status": status, "headers": headers, "reject": fault.code}


# ----------------------------------------------------------------------------- metadata, identity, negotiation

INTEGER = re.compile(rb"[+-]?[0-9]+")
OFFERED = re.compile(r"ws\.v(0|[1-9][0-9]*)\.c(0|[1-9][0-9]*)")


def unescape(data):
    """Percent escapes and `+`; None if an escape is broken."""
    if re.search(rb"%(?![0-9A-Fa-f]{2})", data):
        return None
    return re.sub(rb"%(..)", lambda escape: bytes.fromhex(escape[1].decode("ascii")), data.replace(b"+", b" "))


def read_query(query):
    """The parameters of a query: broken pairs are dropped, the first of repeated keys wins."""
    found = {}
    for pair in query.split(b"&"):
        key, _, value = pair.partition(b"=")
        key, value = unescape(key), unescape(value)
        if pair and b";" not in pair and key is not None and value is not None:
            found.setdefault(key, value)
    return found


def integer(value):
    """A parameter's number: 0 for what is none, at most 64 bits."""
    return max(-2**63, min(2**63 - 1, int(value))) if INTEGER.fullmatch(value) else 0


def metadata_parse(asked):
    found = read_query(bytes.fromhex(asked["query"]))
    texts = {name: found.get(name.encode("ascii"), b"").hex() for name in ("uid", "deviceId", "source")}
    numbers = {name: str(integer(found.get(name.encode("ascii"), b""))) for name in ("typed", "version", "charset")}
    return {**texts, **numbers}


def identity_format(asked):
    parts = [bytes.fromhex(asked["uid"]), str(asked["typed"]).encode("ascii"), bytes.fromhex(asked["deviceId"])]
    if asked.get("withSource", True):
        parts.append(bytes.fromhex(asked.get("source", "")))
    return {"identity": b"-".join(parts).hex()}


def select(query, protocols, versions, charsets):
    """The version and the charset of a connection; `versions` is {min, max} or None, `charsets` a list or None.

    What can need 64 bits is a string of digits, here as everywhere in the adapter protocol.
    """
    versions = versions and {name: int(bound) for name, bound in versions.items()}
    charsets = None if charsets is None else [int(code) for code in charsets]
    selected = select_numbers(query, protocols, versions, charsets)
    return {**selected, "version": str(selected["version"]), "charset": str(selected["charset"])}


def select_numbers(query, protocols, versions, charsets):
    found = read_query(query)
    version, charset = integer(found.get(b"version", b"")), integer(found.get(b"charset", b""))
    if versions is None and charsets is None:
        return {"version": version, "charset": charset, "protocol": None}
    if protocols is not None:
        return select_protocol(protocols, versions, charsets)
    for name, limits in ((b"version", versions), (b"charset", charsets)):
        if limits is not None and name in found and not INTEGER.fullmatch(found[name]):
            raise Refused("bad-parameter")
    if versions is not None:
        version = version or versions["min"]
        if version < versions["min"]:
            raise Refused("version-too-low")
        version = min(version, versions["max"])
    if charsets is not None and charset not in charsets:
        raise Refused("charset-unsupported")
    return {"version": version, "charset": charset, "protocol": None}


def select_protocol(protocols, versions, charsets):
    for token in protocols.split(","):
        token = token.strip(" \t")
        offer = OFFERED.fullmatch(token)
        if not offer:
            continue
        version, charset = int(offer[1]), int(offer[2])
        if version > 2147483647 or charset > 2147483647:
            continue
        if versions is not None and not versions["min"] <= version <= versions["max"]:
            continue
        if charsets is not None and charset not in charsets:
            continue
        return {"version": version, "charset": charset, "protocol": token}
    raise Refused("no-protocol")


def negotiate_select(asked):
    return select(bytes.fromhex(asked["query"]), asked.get("protocols"), asked.get("versions"), asked.get("charsets"))


# ------------------------------------------------------------------------------------------------------ charset

# Python's own codec "gbk" lacks these pairs of the WHATWG index; all others it reads as the index does.
MISSING_FROM_PYTHON = """
A2E3=20AC A3A0=3000 A8BF=01F9 A989=303E A98A=2FF0 A98B=2FF1 A98C=2FF2 A98D=2FF3 A98E=2FF4 A98F=2FF5 A990=2FF6
A991=2FF7 A992=2FF8 A993=2FF9 A994=2FFA A995=2FFB FE50=2E81 FE54=2E84 FE55=3473 FE56=3447 FE57=2E88 FE58=2E8B
FE5A=359E FE5B=361A FE5C=360E FE5D=2E8C FE5E=2E97 FE5F=396E FE60=3918 FE62=39CF FE63=39DF FE64=3A73 FE65=39D0
FE68=3B4E FE69=3C6E FE6A=3CE0 FE6B=2EA7 FE6E=2EAA FE6F=4056 FE70=415F FE71=2EAE FE72=4337 FE73=2EB3 FE74=2EB6
FE75=2EB7 FE77=43B1 FE78=43AC FE79=2EBB FE7A=43DD FE7B=44D6 FE7C=4661 FE7D=464C FE80=4723 FE81=4729 FE82=477C
FE83=478D FE84=2ECA FE85=4947 FE86=497A FE87=497D FE88=4982 FE89=4983 FE8A=4985 FE8B=4986 FE8C=499F FE8D=499B
FE8E=49B7 FE8F=49B6 FE92=4CA3 FE93=4C9F FE94=4CA0 FE95=4CA1 FE96=4C77 FE97=4CA2 FE98=4D13 FE99=4D14 FE9A=4D15
FE9B=4D16 FE9C=4D17 FE9D=4D18 FE9E=4D19 FE9F=4DAE
"""


class GBK:
    """The two-byte table of GBK, both ways."""

    def __init__(self):
        self.characters = {}
        for lead in range(0x81, 0xFF):
            for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
                try:
                    self.characters[lead << 8 | trail] = bytes([lead, trail]).decode("gbk")
                except UnicodeDecodeError:
                    pass
        for pair in MISSING_FROM_PYTHON.split():
            two_bytes, _, code_point = pair.partition("=")
            self.characters[int(two_bytes, 16)] = chr(int(code_point, 16))
        self.pairs = {}
        for pair in sorted(self.characters):  # of two pairs for one character the lower is written
            self.pairs.setdefault(self.characters[pair], pair)

    def decode(self, data):
        out, at = [], 0
        while at < len(data):
            if data[at] < 0x80:
                out.append(chr(data[at]))
                at += 1
            elif data[at] == 0x80:
                out.append("\u20ac")
                at += 1
            else:
                character = self.characters.get(data[at] << 8 | data[at + 1]) if at + 1 < len(data) else None
                if character is None:
                    raise Refused("malformed", at)
                out.append(character)
                at += 2
        return "".join(out)

    def encode(self, text):
        out = bytearray()
        for offset, character in enumerate(text):
            if character < "\x80":
                out.append(ord(character))
            elif character == "\u20ac":
                out.append(0x80)
            elif character in self.pairs:
                out += struct.pack(">H", self.pairs[character])
            else:
                raise Refused("unencodable", offset)
        return bytes(out)


_gbk = None


def gbk():
    """The table, made when it is first needed."""
    global _gbk
    if _gbk is None:
        _gbk = GBK()
    return _gbk


def charset_decode(asked):
    data = bytes.fromhex(asked["bytes"])
    if asked["charset"] == 1:
        return {"text": gbk().decode(data)}
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError as fault:
        raise Refused("malformed", fault.start)


def charset_encode(asked):
    if asked["charset"] == 1:
        return {"bytes": gbk().encode(asked["text"]).hex()}
    try:
        return {"bytes": asked["text"].encode("utf-8").hex()}
    except UnicodeEncodeError as fault:
        raise Refused("unencodable", fault.start)


# ---------------------------------------------------------------------------------------------------- timelines

DISPLACEMENT_ID = 2147483647
OPEN, CLOSING, AWAITING_END, ENDED = "open", "closing", "awaiting the end", "ended"


class Connection:
    """One connection in virtual time. An event is a method `on_<event>`; what it brings is appended to `actions`."""

    def __init__(self, role, config):
        self.is_client = role == "client"
        self.first_sn = 2 if self.is_client else 3
        self.last_sn = 0xFFFFFFFE if self.is_client else 0xFFFFFFFF
        self.handlers = set(config.get("handlers", []))
        self.next_sn = config.get("nextSn", self.first_sn)
        self.read_wait = config.get("readWait")
        self.close_wait = config.get("closeWait", 1000)
        self.queue_limit = config.get("queueLimit")
        write_wait = config.get("writeWait")
        self.ping_interval = None if write_wait is None else max(1, write_wait * 4 // 10)
        self.now, self.state, self.queued, self.actions = 0, OPEN, 0, []
        self.pending = {}  # sn to name and deadline, in the order of the calls
        self.read_deadline, self.next_ping, self.close_deadline = self.read_wait, self.ping_interval, None

    def act(self, action, **members):
        self.actions.append({"at": self.now, "action": action, **members})

    # Time

    def timers(self):
        """Every running timer: its due time, its rank among those due at the same time, what it does."""
        running = [(deadline, 0, lambda sn=sn: self.fail(sn, "timeout"))
                   for sn, (_, deadline) in self.pending.items() if deadline is not None]
        if self.state == OPEN and self.read_deadline is not None:
            running.append((self.read_deadline, 1, lambda: self.fail_connection(1001)))
        if self.state in (CLOSING, AWAITING_END):
            running.append((self.close_deadline, 2, self.close_transport))
        if self.state == OPEN and self.next_ping is not None:
            running.append((self.next_ping, 3, self.ping))
        return running

    def advance(self, time):
        """Lets everything happen that is due by then."""
        while True:
            due = [timer for timer in self.timers() if timer[0] <= time]
            if not due:
                break
            self.now, _, fire = min(due, key=lambda timer: timer[:2])  # the first of equals: the earliest call
            fire()
        self.now = time

    def ping(self):
        self.act("sendPing", payload="")
        self.next_ping += self.ping_interval

    def heard_from_peer(self):
        if self.read_wait is not None:
            self.read_deadline = self.now + self.read_wait

    # Calls and messages of this side

    def refusal(self):
        """Why nothing can be sent now, or None."""
        if self.state != OPEN:
            return "stopped"
        if self.queue_limit is not None and self.queued >= self.queue_limit:
            return "queue-full"
        return None

    def send_frame(self, protocol_id, sn, payload):
        self.queued += 1
        self.act("sendFrame", protocolId=protocol_id, sn=sn, payload=payload)

    def take_sn(self):
        while self.next_sn in self.pending:
            self.step_sn()
        sn = self.next_sn
        self.step_sn()
        return sn

    def step_sn(self):
        self.next_sn = self.first_sn if self.next_sn == self.last_sn else self.next_sn + 2

    def fail(self, sn, error):
        name, _ = self.pending.pop(sn)
        self.act("failCall", call=name, error=error)

    def on_call(self, event):
        refusal = self.refusal()
        if refusal:
            self.act("failCall", call=event["call"], error=refusal)
            return
        sn, timeout = self.take_sn(), event.get("timeout")
        self.pending[sn] = (event["call"], None if timeout is None else self.now + timeout)
        self.send_frame(event["protocolId"], sn, event["payload"])

    def on_cancel(self, event):
        for sn, (name, _) in list(self.pending.items()):
            if name == event["call"]:
                self.fail(sn, "cancelled")

    def on_answer(self, event):
        refusal = self.refusal()
        if refusal:
            self.act("refuse", error=refusal)
        else:
            self.send_frame(event["protocolId"], event["sn"], event["payload"])

    def on_send(self, event):
        self.on_answer({**event, "sn": 0})

    def on_written(self, event):
        self.queued -= min(self.queued, event["frames"])

    def on_nextSn(self, event):
        self.next_sn = event["sn"]

    # What comes from the peer

    def on_receive(self, event):
        if self.state != OPEN:
            return
        if not event.get("fragmented", False):
            self.heard_from_peer()
        protocol_id, sn, payload = event["protocolId"], event["sn"], event["payload"]
        if protocol_id == DISPLACEMENT_ID:
            self.displacement(payload)
        elif protocol_id != 0:
            is_own = sn != 0 and sn % 2 == self.first_sn % 2
            if sn in self.pending:
                name, _ = self.pending.pop(sn)
                self.act("complete", call=name, protocolId=protocol_id, payload=payload)
            if protocol_id in self.handlers:
                kind = "message" if sn == 0 else "response" if is_own else "request"
                self.act("deliver", protocolId=protocol_id, sn=sn, payload=payload, kind=kind)

    def displacement(self, payload):
        if not self.is_client:
            return
        try:
            old_ip, new_ip, timestamp = get_displacement(bytes.fromhex(payload))
        except Refused:
            return
        self.act("displaced", oldIp=old_ip.hex(), newIp=new_ip.hex(), ts=str(timestamp))

    def on_messageStart(self, event):
        self.heard_from_peer()

    def on_fragment(self, event):
        pass

    def on_ping(self, event):
        if self.state == OPEN:
            self.heard_from_peer()
            self.act("sendPong", payload=event["payload"])

    def on_pong(self, event):
        self.heard_from_peer()

    # The end

    def leave_open(self, state):
        self.state = state
        for sn in list(self.pending):
            self.fail(sn, "closed")

    def close_transport(self):
        self.act("closeTransport")
        self.state = ENDED

    def fail_connection(self, code):
        self.act("sendClose", code=code)
        self.leave_open(CLOSING)
        self.close_transport()

    def on_close(self, event):
        if self.state == OPEN:
            self.act("sendClose", code=event["code"])
            self.leave_open(CLOSING)
            self.close_deadline = self.now + self.close_wait

    def on_peerClose(self, event):
        if self.state == CLOSING:
            self.close_transport()
        elif self.state == OPEN and not self.is_client:
            self.fail_connection(event["code"])
        elif self.state == OPEN:
            self.act("sendClose", code=event["code"])
            self.leave_open(AWAITING_END)
            self.close_deadline = self.now + self.close_wait

    def on_violation(self, event):
        if self.state == OPEN:
            self.fail_connection(event["closeCode"])
        elif self.state != ENDED:
            self.close_transport()

    def on_transportClosed(self, event):
        self.leave_open(ENDED)

    def on_displace(self, event):
        payload = put_displacement(bytes.fromhex(event["oldIp"]), bytes.fromhex(event["newIp"]), int(event["ts"]))
        self.make_room(payload.hex())

    def on_kick(self, event):
        self.make_room(None)

    def make_room(self, displacement):
        if self.is_client or self.state != OPEN:
            return
        if self.queued:
            self.act("discardQueue", frames=self.queued)
        if displacement is not None:
            self.act("sendFrame", protocolId=DISPLACEMENT_ID, sn=0, payload=displacement)
        self.fail_connection(None)

    def on_tick(self, event):
        pass


def rpc_timeline(asked):
    connection = Connection(asked["role"], asked.get("config", {}))
    for event in asked["events"]:
        connection.advance(event["at"])
        getattr(connection, "on_" + event["event"])(event)
    connection.advance(connection.now)
    return {"actions": connection.actions}


# ------------------------------------------------------------------------------------------ the adapter protocol

OPERATIONS = {
    "frame.encode": frame_encode,
    "frame.decode": frame_decode,
    "frame.stream": frame_stream,
    "displacement.encode": displacement_encode,
    "displacement.decode": displacement_decode,
    "ws.encode": ws_encode,
    "ws.decode": ws_decode,
    "deflate.negotiate": deflate_negotiate,
    "deflate.compress": deflate_compress,
    "deflate.decompress": deflate_decompress,
    "handshake.parse": handshake_parse,
    "handshake.respond": handshake_respond,
    "metadata.parse": metadata_parse,
    "identity.format": identity_format,
    "charset.decode": charset_decode,
    "charset.encode": charset_encode,
    "negotiate.select": negotiate_select,
    "rpc.timeline": rpc_timeline,
}


def run(operation, asked):
    """The answer to one operation, without its seq."""
    if not isinstance(operation, str) or operation not in OPERATIONS:
        return {"unsupported": f"no operation {operation}"}
    try:
        return {"output": OPERATIONS[operation](asked)}
    except Refused as fault:
        places = {"offset": fault.offset, "index": fault.index}
        return {"error": fault.code, **{name: place for name, place in places.items() if place is not None}}
    except Exception:  # a fault of this program or of the input: the runner shall see it, and the next case still runs
        traceback.print_exc()
        return {"error": "internal"}


def answer(request):
    """The answer to one request, or None where there is none to give."""
    command = request.get("cmd")
    if command == "hello":
        body = {"name": NAME, "language": "Python", "version": VERSION, "capabilities": CAPABILITIES}
    elif command == "run":
        body = run(request.get("operation"), request.get("input"))
    else:
        print(f"no command {command!r}", file=sys.stderr)
        return None
    return {"seq": request.get("seq"), **body}


def serve():
    """Answers line by line until told to stop, or until there is no more input."""
    for line in sys.stdin.buffer:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError) as fault:
            print(f"this line is no JSON: {fault}", file=sys.stderr)
            continue
        if not isinstance(request, dict):
            print("this line is no object", file=sys.stderr)
            continue
        if request.get("cmd") == "stop":
            break
        reply = answer(request)
        if reply is not None:
            # Without the flush the line waits in a buffer, and the runner for the line.
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    serve()
