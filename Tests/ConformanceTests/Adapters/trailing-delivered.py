# run: frame.decode
# verdict: fail
# must: frame.decode.v1_3_3.trailing-* frame.decode.v1_3_0.trailing-* frame.decode.v1_3_3.length-minus-1
# within: frame.decode.*.trailing-* frame.decode.v1_3_3.length-minus-1 frame.decode.v1_3_3.capture-length-8
"""frame.decode ignores the field length and delivers everything after the header."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402
from protocol import frame, refusal  # noqa: E402

right = adapter.frame_decode


def frame_decode(asked):
    try:
        return right(asked)
    except refusal.Refused as fault:
        if fault.code != "trailing-bytes":
            raise
        message = bytes.fromhex(asked["message"])
        return frame.frame_object(message[frame.HEAD:], asked["revision"], frame.HEAD)


adapter.OPERATIONS["frame.decode"] = frame_decode
adapter.serve()
