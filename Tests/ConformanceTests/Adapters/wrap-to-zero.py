# run: rpc
# verdict: fail
# must: rpc.timeline.*.wrap rpc.timeline.*.wrap-answers rpc.timeline.*.wrap-pending-first
# within: rpc.timeline.*.wrap*
"""rpc.timeline goes on with sn 0 or 1 after the highest, as the original does."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402
from protocol import timeline  # noqa: E402


def step_sn(self):
    self.next_sn = (self.next_sn + 2) & 0xFFFFFFFF


timeline.Connection.step_sn = step_sn
adapter.serve()
