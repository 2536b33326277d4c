"""UTF-8 and GBK."""
import struct

from .refusal import Refused

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
