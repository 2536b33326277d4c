"""The frame, in each revision."""
import struct

from .protobuf import get_message, put_message
from .refusal import Refused

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
