"""Frames of the four revisions, P_MESSAGE and P_DISPLACE."""
import struct

from .fault import Fault

DEFAULT_LIMIT = 524288
MAGIC = {"1.2": b"\xfe\xee", "1.3.0": b"\xfe\xee", "1.3.3": b"\xfe\xef"}
SMALLEST_LENGTH = {"1.2": 0, "1.3.0": 4, "1.3.3": 8}
DEEPEST_GROUP = 32


# Protobuf

def varint(data, at, start):
    """The varint at `at`: its 64 bits and what follows. `start` is the field's, for the fault."""
    value = 0
    for position in range(10):
        if at + position >= len(data):
            raise Fault("bad-protobuf", start)
        byte = data[at + position]
        if position == 9 and byte > 1:
            raise Fault("bad-protobuf", start)
        value |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            return value, at + position + 1
    raise Fault("bad-protobuf", start)


def one_field(data, at, depth):
    """The field at `at`: number, wire type, value and what follows it."""
    start = at
    tag, at = varint(data, at, start)
    number, wire = tag >> 3, tag & 7
    if tag > 0xFFFFFFFF or number == 0 or wire in (4, 6, 7):
        raise Fault("bad-protobuf", start)
    if wire == 0:
        value, at = varint(data, at, start)
        return number, wire, value, at
    if wire == 3:
        if depth >= DEEPEST_GROUP:
            raise Fault("bad-protobuf", start)
        return number, wire, None, skip_group(data, at, number, start, depth + 1)
    if wire == 2:
        size, at = varint(data, at, start)
    else:
        size = 8 if wire == 1 else 4
    if size > len(data) - at:
        raise Fault("bad-protobuf", start)
    return number, wire, data[at:at + size], at + size


def skip_group(data, at, number, start, depth):
    """What follows the group `number` whose content begins at `at`."""
    while True:
        if at >= len(data):
            raise Fault("bad-protobuf", start)
        tag, after = varint(data, at, at)
        if tag & 7 == 4:
            if tag >> 3 != number or tag > 0xFFFFFFFF:
                raise Fault("bad-protobuf", at)
            return after
        at = one_field(data, at, depth)[3]


def fields(data, base=0):
    """Every field of the message in `data`, whose faults are counted from `base`."""
    at = 0
    while at < len(data):
        try:
            number, wire, value, at = one_field(data, at, 0)
        except Fault as fault:
            raise Fault(fault.code, fault.offset + base) from None
        yield number, wire, value


def signed(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def varint_bytes(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def read_message(data, base):
    protocol_id, payload = 0, b""
    for number, wire, value in fields(data, base):
        if (number, wire) == (1, 0):
            protocol_id = signed(value, 32)
        elif (number, wire) == (2, 2):
            payload = value
    return protocol_id, payload


def write_message(protocol_id, payload):
    out = b"\x08" + varint_bytes(protocol_id) if protocol_id else b""
    return out + (b"\x12" + varint_bytes(len(payload)) + payload if payload else b"")


def displacement(old, new, timestamp):
    out = b"".join(bytes([tag]) + varint_bytes(len(value)) + value for tag, value in ((10, old), (18, new)) if value)
    return out + (b"\x18" + varint_bytes(timestamp) if timestamp else b"")


def read_displacement(data):
    found = {1: b"", 2: b"", 3: 0}
    for number, wire, value in fields(data):
        if (number, wire) in ((1, 2), (2, 2)):
            found[number] = value
        elif (number, wire) == (3, 0):
            found[3] = signed(value, 64)
    return found[1], found[2], found[3]


def displacement_encode(asked):
    return {"payload": displacement(bytes.fromhex(asked["oldIp"]), bytes.fromhex(asked["newIp"]), int(asked["ts"])).hex()}


def displacement_decode(asked):
    old, new, timestamp = read_displacement(bytes.fromhex(asked["payload"]))
    return {"oldIp": old.hex(), "newIp": new.hex(), "ts": str(timestamp)}


# Frames

def encode(asked):
    revision, protocol_id, sn = asked["revision"], asked["protocolId"], asked.get("sn") or 0
    payload, limit = bytes.fromhex(asked["payload"]), asked.get("maxFrameLength", DEFAULT_LIMIT)
    lowest, highest = (-2**31, 2**31 - 1) if revision in ("1.1", "1.2") else (0, 2**32 - 1)
    if not lowest <= protocol_id <= highest:
        raise Fault("protocol-id-out-of-range")
    if sn and revision != "1.3.3":
        raise Fault("sn-unsupported")
    if revision in ("1.1", "1.2"):
        body = write_message(protocol_id, payload)
    elif revision == "1.3.0":
        body = struct.pack("<I", protocol_id) + payload
    else:
        body = struct.pack("<II", protocol_id, sn) + payload
    if len(body) > limit:
        raise Fault("too-large")
    head = b"" if revision == "1.1" else MAGIC[revision] + struct.pack("<I", len(body))
    return {"message": (head + body).hex()}


def check_magic(data, revision, base=0):
    for position, expected in enumerate(MAGIC[revision]):
        if position < len(data) and data[position] != expected:
            raise Fault("bad-magic", base + position)


def body_fields(body, revision, base):
    """protocolId, sn and payload of what the field `length` counts."""
    if revision in ("1.1", "1.2"):
        protocol_id, payload = read_message(body, base)
        return protocol_id, None, payload
    if revision == "1.3.0":
        return struct.unpack_from("<I", body)[0], None, body[4:]
    return (*struct.unpack_from("<II", body), body[8:])


def described(body, revision, base):
    protocol_id, sn, payload = body_fields(body, revision, base)
    length = None if revision == "1.1" else len(body)
    return {"protocolId": protocol_id, "sn": sn, "length": length, "payload": payload.hex()}


def check_length(length, revision, limit, base=0):
    if length < SMALLEST_LENGTH[revision]:
        raise Fault("length-too-small", base + 2)
    if length > limit:
        raise Fault("too-large", base + 2)


def decode(asked, lenient=False):
    data, revision = bytes.fromhex(asked["message"]), asked["revision"]
    limit = asked.get("maxFrameLength", DEFAULT_LIMIT)
    if not data:
        raise Fault("empty", 0)
    if revision == "1.1":
        if len(data) > limit:
            raise Fault("too-large", 0)
        return described(data, revision, 0)
    check_magic(data, revision)
    if len(data) < 6:
        raise Fault("short", len(data))
    length = struct.unpack_from("<I", data, 2)[0]
    check_length(length, revision, limit)
    if len(data) < 6 + length:
        raise Fault("short", len(data))
    if len(data) > 6 + length and not lenient:
        raise Fault("trailing-bytes", 6 + length)
    return described(data[6:6 + length], revision, 6)


def stream(asked):
    data, revision = b"".join(map(bytes.fromhex, asked["pieces"])), asked["revision"]
    limit, at, found = asked.get("maxFrameLength", DEFAULT_LIMIT), 0, []
    try:
        while at < len(data):
            check_magic(data[at:], revision, at)
            if len(data) - at < 6:
                break
            length = struct.unpack_from("<I", data, at + 2)[0]
            check_length(length, revision, limit, at)
            if len(data) - at < 6 + length:
                break
            found.append(described(data[at + 6:at + 6 + length], revision, at + 6))
            at += 6 + length
    except Fault as fault:
        return {"frames": found, "pending": 0, "violation": {"code": fault.code, "offset": fault.offset}}
    return {"frames": found, "pending": len(data) - at, "violation": None}
