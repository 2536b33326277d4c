# run: frame.encode
# verdict: fail
# must: frame.encode.v1_3_3.sn-1 frame.encode.v1_3_3.sn-4294967295 frame.encode.v1_3_3.id-2
# within: frame.encode.v1_3_3
"""frame.encode writes every sn but 0 one too high."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402

right = adapter.frame_encode


def frame_encode(asked):
    sn = asked.get("sn", 0)
    return right({**asked, "sn": (sn + 1) & 0xFFFFFFFF} if sn else asked)


adapter.OPERATIONS["frame.encode"] = frame_encode
adapter.serve()
