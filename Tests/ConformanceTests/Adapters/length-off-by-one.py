# run: frame.encode
# verdict: fail
# must: frame.encode.v1_3_3.id-2 frame.encode.v1_3_3.payload-* frame.encode.v1_2.payload-* frame.encode.v1_3_0.id-8
# within: frame.encode.v1_2.* frame.encode.v1_3_0.* frame.encode.v1_3_3.*
"""frame.encode writes a length that is one too large, as if it counted something else as well."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402

right = adapter.frame_encode


def frame_encode(asked):
    message = bytes.fromhex(right(asked)["message"])
    if asked["revision"] != "1.1":
        length = int.from_bytes(message[2:6], "little") + 1
        message = message[:2] + length.to_bytes(4, "little") + message[6:]
    return {"message": message.hex()}


adapter.OPERATIONS["frame.encode"] = frame_encode
adapter.serve()
