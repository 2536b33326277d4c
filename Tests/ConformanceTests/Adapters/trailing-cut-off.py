# run: frame.decode
# verdict: nonStrict
# must: frame.decode.*.trailing-* frame.decode.v1_3_3.length-minus-1
# within: frame.decode.*.trailing-* frame.decode.v1_3_3.length-minus-1 frame.decode.v1_3_3.capture-length-8
"""frame.decode delivers the first `length` bytes and drops the rest: permitted, but weaker than refusing it."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402
from protocol import refusal  # noqa: E402

right = adapter.frame_decode


def frame_decode(asked):
    try:
        return right(asked)
    except refusal.Refused as fault:
        if fault.code != "trailing-bytes":
            raise
        return right({**asked, "message": asked["message"][:2 * fault.offset]})


adapter.OPERATIONS["frame.decode"] = frame_decode
adapter.serve()
