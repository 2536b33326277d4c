# run: rpc
# verdict: fail
# must: rpc.timeline.*.second-answer-next-pending rpc.timeline.*.unknown-sn rpc.timeline.*.late-answer-next-pending
# within: rpc.timeline.*.second-answer* rpc.timeline.*.unknown-sn* rpc.timeline.*late-answer*
"""rpc.timeline completes the oldest waiting call with an answer that belongs to none."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "adapters" / "python"))
import adapter  # noqa: E402
from protocol import timeline  # noqa: E402

right = timeline.Connection.on_receive


def on_receive(self, event):
    is_answer = event["sn"] != 0 and event["sn"] % 2 == self.first_sn % 2
    if is_answer and self.pending and event["sn"] not in self.pending:
        event = {**event, "sn": next(iter(self.pending))}
    right(self, event)


timeline.Connection.on_receive = on_receive
adapter.serve()
