# run: frame
# verdict: fail
# must: frame.decode.v1_3_3.magic-bit-* frame.decode.v1_3_3.magic-swapped frame.decode.v1_3_3.magic-of-1_3_0 frame.decode.v1_3_3.capture-magic-* frame.stream.v1_3_3.magic-first-at-start
# within: frame.*magic*
"""frame.decode and frame.stream do not look at the magic."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402
from protocol import frame  # noqa: E402

frame.check_magic = lambda data, revision, base=0: None
adapter.serve()
