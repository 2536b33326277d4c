"""UTF-8 and GBK, both ways, with located errors."""
import functools
import pathlib

from .fault import Fault

INDEX = pathlib.Path(__file__).resolve().parent.parent / "gbk-index.txt"


@functools.cache
def tables():
    """Pair of bytes to code point, and code point to the lowest pair."""
    forward, backward = {}, {}
    for line in INDEX.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pair, point = (int(word, 16) for word in line.split())
            forward[pair] = point
            backward[point] = min(pair, backward.get(point, pair))
    return forward, backward


def utf8_sequence_fault(data):
    """The offset of the first sequence that is no UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def decode(asked):
    data = bytes.fromhex(asked["bytes"])
    if asked["charset"] == 0:
        fault = utf8_sequence_fault(data)
        if fault is not None:
            raise Fault("malformed", fault)
        return {"text": data.decode("utf-8")}
    forward, at, out = tables()[0], 0, []
    while at < len(data):
        lead = data[at]
        if lead <= 0x80:
            out.append(chr(lead) if lead < 0x80 else "\u20ac")
            at += 1
            continue
        point = forward.get(lead << 8 | data[at + 1]) if at + 1 < len(data) else None
        if point is None:
            raise Fault("malformed", at)
        out.append(chr(point))
        at += 2
    return {"text": "".join(out)}


def encode(asked):
    text = asked["text"]
    if asked["charset"] == 0:
        return {"bytes": text.encode("utf-8").hex()}
    backward, out = tables()[1], bytearray()
    for offset, character in enumerate(text):
        point = ord(character)
        if point < 0x80:
            out.append(point)
        elif point == 0x20AC:
            out.append(0x80)
        elif point in backward:
            out += backward[point].to_bytes(2, "big")
        else:
            raise Fault("unencodable", offset)
    return {"bytes": out.hex()}
