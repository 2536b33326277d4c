"""The canonical layout of the vector files, written by other code than the one that made them.

Since a file is nothing but the layout of its value, another value has another text, and so another checksum.
"""
import json
import re

COLUMNS = 120
ESCAPED = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]")


def text(value):
    return wrapped(value, 0, 0, 0) + "\n"


def flat(value):
    line = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    # Two controls have short forms in json.dumps that are not used here.
    line = re.sub(r"\\(.)", lambda match: {"b": r"\u0008", "f": r"\u000c"}.get(match[1], match[0]), line)
    return ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


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
