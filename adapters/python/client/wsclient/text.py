"""Text in the charset of a connection (clause 9). Nothing is replaced silently."""
from functools import lru_cache

from .errors import ProtocolError

UTF8, GBK = 0, 1

# What Python's codec `gbk` lacks of the table of clause 9.3, as runs: the first pair, and the characters from there on.
_MISSING = {
    0xA2E3: "\u20ac", 0xA3A0: "\u3000", 0xA8BF: "\u01f9", 0xA989: "\u303e\u2ff0\u2ff1\u2ff2\u2ff3\u2ff4\u2ff5\u2ff6\u2ff7\u2ff8\u2ff9\u2ffa\u2ffb",
    0xFE50: "\u2e81", 0xFE54: "\u2e84\u3473\u3447\u2e88\u2e8b", 0xFE5A: "\u359e\u361a\u360e\u2e8c\u2e97\u396e\u3918",
    0xFE62: "\u39cf\u39df\u3a73\u39d0", 0xFE68: "\u3b4e\u3c6e\u3ce0\u2ea7", 0xFE6E: "\u2eaa\u4056\u415f\u2eae\u4337\u2eb3\u2eb6\u2eb7",
    0xFE77: "\u43b1\u43ac\u2ebb\u43dd\u44d6\u4661\u464c", 0xFE80: "\u4723\u4729\u477c\u478d\u2eca\u4947\u497a\u497d\u4982\u4983\u4985"
    "\u4986\u499f\u499b\u49b7\u49b6", 0xFE92: "\u4ca3\u4c9f\u4ca0\u4ca1\u4c77\u4ca2\u4d13\u4d14\u4d15\u4d16\u4d17\u4d18\u4d19\u4dae",
}


@lru_cache(maxsize=None)
def _gbk():
    """Both directions of the table: characters by pair, and the lowest pair of each character."""
    characters = {}
    for lead in range(0x81, 0xFF):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            try:
                characters[bytes([lead, trail])] = bytes([lead, trail]).decode("gbk")
            except UnicodeDecodeError:
                pass
    for first, run in _MISSING.items():
        characters.update(((first + place).to_bytes(2, "big"), character) for place, character in enumerate(run))
    pairs = {}
    for pair in sorted(characters):
        pairs.setdefault(characters[pair], pair)
    return characters, pairs


def decode_text(data, charset=UTF8):
    """Reads text; `malformed` names the offset of the sequence that is none."""
    if charset != GBK:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as fault:
            raise ProtocolError("malformed", fault.start) from None
    characters, out, at = _gbk()[0], [], 0
    while at < len(data):
        if data[at] <= 0x80:
            out.append(chr(data[at]) if data[at] < 0x80 else "\u20ac")
            at += 1
        elif data[at:at + 2] in characters:
            out.append(characters[data[at:at + 2]])
            at += 2
        else:
            raise ProtocolError("malformed", at)
    return "".join(out)


def encode_text(text, charset=UTF8):
    """Writes text; `unencodable` names the first character that the charset cannot hold."""
    if charset != GBK:
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError as fault:
            raise ProtocolError("unencodable", fault.start) from None
    pairs, out = _gbk()[1], bytearray()
    for offset, character in enumerate(text):
        if character < "\x80":
            out.append(ord(character))
        elif character == "\u20ac":
            out.append(0x80)
        elif character in pairs:
            out += pairs[character]
        else:
            raise ProtocolError("unencodable", offset)
    return bytes(out)
