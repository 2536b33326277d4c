# run: charset
# verdict: fail
# must: charset.decode.gbk.euro-80 charset.decode.gbk.euro-thrice
# within: charset.decode.gbk.*
"""GBK knows no byte 80, as in several of the tables that carry the name."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402
from protocol import refusal  # noqa: E402

right = adapter.charset_decode


def charset_decode(asked):
    data = bytes.fromhex(asked["bytes"])
    decoded = right(asked)
    if asked["charset"] == 1 and b"\x80" in data and "\u20ac" in decoded["text"]:
        raise refusal.Refused("malformed", data.index(b"\x80"))
    return decoded


adapter.OPERATIONS["charset.decode"] = charset_decode
adapter.serve()
