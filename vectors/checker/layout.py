"""The canonical layout of the vector files, written by other code than the one that made them.

Since a file is nothing but the layout of its value, another value has another text, and so another checksum.
"""
import json
import re

COLUMNS = 120
# Characters that have no glyph of their own or change how others look, as ranges of code points.
UNSEEN = ((0, 0x1F), (0x7F, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x1680, 0x1680),
          (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x2800, 0x2800),
          (0x3164, 0x3164), (0xE000, 0xF8FF), (0xFDD0, 0xFDEF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
          (0xFFF0, 0xFFFB), (0x13430, 0x1345F), (0x1BCA0, 0x1BCA3), (0x1D159, 0x1D159), (0x1D173, 0x1D17A),
          (0xE0000, 0x10FFFF), *((plane << 16 | 0xFFFE, plane << 16 | 0xFFFF) for plane in range(17)))
ESCAPED = re.compile("[" + "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in UNSEEN) + "]")


def text(value):
    return wrapped(value, 0, 0, 0) + "\n"


def flat(value):
    line = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    # Two controls have short forms in json.dumps that are not used here.
    line = re.sub(r"\\(.)", lambda match: {"b": r"\u0008", "f": r"\u000c"}.get(match[1], match[0]), line)
    return ESCAPED.sub(lambda match: escaped(match[0]), line)


def escaped(character):
    """In UTF-16: beyond the basic plane as a pair of surrogates."""
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at:at + 4]}" for at in range(0, len(units), 4))


def wrapped(value, indentation, column, trailing):
    line = flat(value)
    if not value or not isinstance(value, (dict, list)) or column + len(line) + trailing <= COLUMNS:
        return line
    inner = indentation + 2
    items = [(flat(name) + ": ", member) for name, member in value.items()] if isinstance(value, dict) else [
        ("", element) for element in value]
    lines = [name + wrapped(member, inner, inner + len(name), index < len(items) - 1)
             for index, (name, member) in enumerate(items)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    separator = "\n" + " " * inner
    return opening + separator + ("," + separator).join(lines) + "\n" + " " * indentation + closing
