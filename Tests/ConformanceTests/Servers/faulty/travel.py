"""Faults that show only in malformed messages that travel in some way: in fragments, compressed, or both."""
import struct

from faulty.faults import on
from faulty.protocol import LIMIT, MAGIC


def taken(message, fragmented, compressed):
    """The messages that a reader with such faults makes of one: right ones of what is malformed."""
    ways = ["fragmented"] * fragmented + ["compressed"] * compressed
    ways += ["compressed-in-fragments"] * (fragmented and compressed)

    def faulty(kind):
        return any(on(f"{kind}-{way}") for way in ways)

    if len(message) < 14:
        return [message]
    length = struct.unpack_from("<I", message, 2)[0]
    if message[:2] != MAGIC:
        return [MAGIC + message[2:]] if faulty("magic-unchecked") else [message]
    if 8 <= length < len(message) - 6:
        if faulty("trailing-delivered"):
            return [MAGIC + struct.pack("<I", len(message) - 6) + message[6:]]
        if faulty("second-frame-delivered"):
            return [message[:6 + length], message[6 + length:]]
    if len(message) - 6 < length <= LIMIT and faulty("short-filled"):
        return [message + bytes(length + 6 - len(message))]
    return [message]


def behind_first(message):
    """A message that is not the first of its connection, as a server takes it that looks closely at the first alone."""
    if on("magic-unchecked-behind-first") and len(message) >= 14:
        message = MAGIC + message[2:]
    if on("trailing-delivered-behind-first") and len(message) >= 14:
        length = struct.unpack_from("<I", message, 2)[0]
        if 8 <= length < len(message) - 6:
            return MAGIC + struct.pack("<I", len(message) - 6) + message[6:]
    return message
